// The whole contract by the official npm client: `node contract.mjs URL KEY FILM PICTURE`, see contract.py.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [url, key, film, picture] = process.argv.slice(2);
const here = createRequire(pathToFileURL(`${process.cwd()}/package.json`));
const { default: OpenAI } = await import(pathToFileURL(here.resolve('openai')));
const { version } = JSON.parse(fs.readFileSync(`${process.cwd()}/node_modules/openai/package.json`, 'utf8'));
const client = new OpenAI({ baseURL: url, apiKey: key, timeout: 60_000 });
const { videos } = client;
const small = { seconds: '0.3', size: '96x64' };
const bytes = async (id, variant) => Buffer.from(await (await videos.downloadContent(id, { variant })).arrayBuffer());
const done = async (video) => {
  while (['queued', 'in_progress'].includes(video.status)) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    video = await videos.retrieve(video.id);
  }
  assert.equal(video.status, 'completed', JSON.stringify(video));
  return video;
};

const video = await done(await videos.create({ prompt: 'a cat', model: 'sora-2', ...small }));
assert.deepEqual([video.size, video.seconds, video.model, video.progress], ['96x64', '0.3', 'sora-2', 100]);
assert.equal((await bytes(video.id, 'video')).toString('latin1', 4, 8), 'ftyp');
assert.equal((await bytes(video.id, 'thumbnail')).toString('latin1', 8, 12), 'WEBP');
assert.equal((await bytes(video.id, 'spritesheet')).readUInt16BE(0), 0xffd8);

const scene = await videos.create({ prompt: 'a cat', input_reference: fs.createReadStream(picture), ...small });
const remix = await videos.remix(video.id, { prompt: 'a dog' });
assert.equal(remix.remixed_from_video_id, video.id);
const edited = await videos.edit({ prompt: 'blue', video: fs.createReadStream(film) });
const longer = await videos.extend({ prompt: 'on', seconds: '0.3', video: { id: video.id } });
const character = await videos.createCharacter({ name: 'Mossy', video: fs.createReadStream(film) });
assert.equal((await videos.getCharacter(character.id)).name, 'Mossy');
const met = await videos.create({ prompt: 'Mossy walks', characters: [{ id: character.id }], ...small });
const ids = [video, scene, remix, edited, longer, met].map((one) => one.id);
for (const one of [scene, remix, edited, longer, met]) await done(one);

const listed = [];
for await (const one of videos.list({ limit: 2, order: 'asc' })) listed.push(one.id);
assert.deepEqual(listed, ids);
assert.equal((await videos.delete(video.id)).deleted, true);
await assert.rejects(videos.retrieve(video.id), (error) => error instanceof OpenAI.NotFoundError && error.code === 'not_found');
await assert.rejects(videos.create({ prompt: 'x', size: '1x1' }), (error) => error.param === 'size' && error.status === 400);

const file = await client.files.create({ file: fs.createReadStream(picture), purpose: 'vision' });
assert.deepEqual(Buffer.from(await (await client.files.content(file.id)).arrayBuffer()), fs.readFileSync(picture));
assert.equal((await client.files.delete(file.id)).deleted, true);
assert.equal((await client.models.retrieve('sora-2')).id, 'sora-2');
assert.equal((await client.moderations.create({ input: ['a cat', 'a porn film'] })).results[1].flagged, true);
console.log(`openai ${version} on node ${process.version} passed`);
