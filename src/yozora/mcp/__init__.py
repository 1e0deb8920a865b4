"""What an assistant uses a server with: tools of the Model Context Protocol, over the Videos API. Talks HTTP only."""
