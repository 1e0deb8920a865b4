"""`python -m yozora` is the command `yozora`."""

from yozora.cli import main

if __name__ == "__main__":
    main()
