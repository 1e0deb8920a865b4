#!/bin/sh
# Make a film with curl and jq: OPENAI_API_KEY=yz-... sh make.sh "a dog runs" film.mp4
set -eu
base=${OPENAI_BASE_URL:-http://127.0.0.1:8000/v1}
auth="Authorization: Bearer $OPENAI_API_KEY"

id=$(jq -n --arg prompt "$1" '{prompt: $prompt, seconds: "4", size: "1280x720"}' |
    curl --fail-with-body -sS "$base/videos" -H "$auth" -H "Content-Type: application/json" -d @- | jq -r .id)
while :; do
    video=$(curl --fail-with-body -sS "$base/videos/$id?wait=20" -H "$auth")
    case $(echo "$video" | jq -r .status) in
        completed) break ;;
        failed) echo "$video" | jq -r '.error.code + ": " + .error.message' >&2; exit 1 ;;
    esac
    sleep 1
done
curl --fail-with-body -sS "$base/videos/$id/content" -H "$auth" -o "$2"
echo "$id $2"
