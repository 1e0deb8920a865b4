// Make a film with the official Node client: npm install openai; then node make.mjs "a dog runs" film.mp4
// The base URL and the key come from OPENAI_BASE_URL (http://127.0.0.1:8000/v1) and OPENAI_API_KEY.
import { writeFile } from "node:fs/promises";
import OpenAI from "openai";

const [prompt, path] = process.argv.slice(2);
const client = new OpenAI();
let video = await client.videos.create({ prompt, seconds: "4", size: "1280x720" });
while (video.status === "queued" || video.status === "in_progress") {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  video = await client.videos.retrieve(video.id);
}
if (video.error) {
  console.error(`${video.error.code}: ${video.error.message}`);
  process.exit(1);
}
const content = await client.videos.downloadContent(video.id);
await writeFile(path, Buffer.from(await content.arrayBuffer()));
console.log(video.id, path);
