import { readFileSync } from 'node:fs';
import { APICallError } from '@ai-sdk/provider';
import { experimental_generateVideo as generateVideo } from 'ai';
import { describe, expect, it } from 'vitest';
import { createYozora, yozora } from '../src/index.js';

// YOZORA_URL and YOZORA_API_KEY name a server that runs, and YOZORA_PICTURE a file (tests/clients/test_ai_sdk.py).
const poll = { intervalMs: 200, timeoutMs: 110_000 };
const small = { resolution: '96x64', duration: 0.3, poll } as const;
const few = { yozora: { steps: 2 } };
const picture = () => new Uint8Array(readFileSync(process.env['YOZORA_PICTURE']!));

function expectFilm(data: Uint8Array): void {
  expect(new TextDecoder().decode(data.subarray(4, 8))).toBe('ftyp');
}

describe('a real server', () => {
  it('makes films of words, and goes on from one', async () => {
    const made = await generateVideo({
      model: yozora.video('mini'),
      prompt: 'a red car in a zxqwv',
      n: 2,
      fps: 16,
      seed: 7,
      providerOptions: few,
      ...small,
    });
    expect(made.videos).toHaveLength(2);
    for (const video of made.videos) {
      expectFilm(video.uint8Array);
      expect(video.mediaType).toBe('video/mp4');
    }
    expect(JSON.stringify(made.warnings)).toContain('zxqwv');
    const facts = made.providerMetadata['yozora']!['videos'] as Array<{ id: string; seconds: string; size: string }>;
    expect(facts[0]).toMatchObject({ seconds: '0.3', size: '96x64', model: 'mini' });

    const longer = await generateVideo({
      model: yozora.video('mini'),
      prompt: 'it drives on',
      inputReferences: [{ data: made.video.uint8Array, mediaType: 'video/mp4' }],
      providerOptions: { yozora: { mode: 'extend', steps: 2 } },
      ...small,
    });
    expectFilm(longer.video.uint8Array);
    const [told] = longer.providerMetadata['yozora']!['videos'] as Array<{ seconds: string }>;
    expect(Number(told!.seconds)).toBeGreaterThan(0.6);

    const edited = await generateVideo({
      model: yozora.video('mini'),
      prompt: 'a blue car',
      poll,
      providerOptions: { yozora: { mode: 'remix', video: facts[0]!.id, steps: 2 } },
    });
    expectFilm(edited.video.uint8Array);
  });

  it('makes a film of a first and a last picture', async () => {
    const { video, warnings } = await generateVideo({
      model: yozora.video('mini'),
      prompt: 'it moves',
      frameImages: [
        { image: picture(), frameType: 'first_frame' },
        { image: picture(), frameType: 'last_frame' },
      ],
      providerOptions: few,
      ...small,
      duration: 1,
    });
    expectFilm(video.uint8Array);
    expect(warnings).toEqual([]);
  });

  it('starts a film once, however often it is asked', async () => {
    const model = yozora.video('mini');
    const options = {
      prompt: 'a boat',
      n: 1,
      aspectRatio: undefined,
      resolution: '96x64' as const,
      duration: 0.3,
      fps: undefined,
      seed: undefined,
      image: undefined,
      frameImages: undefined,
      inputReferences: undefined,
      generateAudio: undefined,
      providerOptions: few,
      headers: { 'idempotency-key': 'once' },
    };
    const first = await model.doStart!(options);
    expect((await model.doStart!(options)).operation).toEqual(first.operation);
    expect(['pending', 'completed']).toContain((await model.doStatus!({ operation: first.operation })).status);
  });

  it("says what is wrong in the server's words", async () => {
    const wrong = { ...small, prompt: 'a car', maxRetries: 0 };
    const rejected = generateVideo({ ...wrong, model: createYozora({ apiKey: 'yz-wrong' }).video('mini') });
    await expect(rejected).rejects.toSatisfy(error => APICallError.isInstance(error) && error.statusCode === 401);
    const unknown = generateVideo({ ...wrong, model: yozora.video('no-such-model') });
    await expect(unknown).rejects.toThrow(/no-such-model/);
    expect(() => yozora.languageModel('mini')).toThrow(/languageModel/);
  });
});
