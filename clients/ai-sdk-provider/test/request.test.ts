import type { Experimental_VideoModelV4CallOptions as CallOptions } from '@ai-sdk/provider';
import { describe, expect, it } from 'vitest';
import { callOf } from '../src/request.js';

const NOTHING: CallOptions = {
  prompt: 'a red car',
  n: 1,
  aspectRatio: undefined,
  resolution: undefined,
  duration: undefined,
  fps: undefined,
  seed: undefined,
  image: undefined,
  frameImages: undefined,
  inputReferences: undefined,
  generateAudio: undefined,
  providerOptions: {},
};
const PICTURE = { type: 'file', mediaType: 'image/png', data: new Uint8Array([1]) } as const;
const FILM = { type: 'file', mediaType: 'video/mp4', data: 'AQID' } as const;

describe('what the API is asked for', () => {
  it('is a film of the prompt, where nothing else is said', async () => {
    const call = await callOf('mini', NOTHING);
    expect(call).toEqual({ path: '/videos', fields: { model: 'mini', prompt: 'a red car' }, files: {}, warnings: [] });
  });

  it('has every standard option', async () => {
    const said = { resolution: '1280x720', duration: 4, fps: 24, seed: 0 } as const;
    const { fields } = await callOf('mini', { ...NOTHING, ...said });
    expect(fields).toMatchObject({ size: '1280x720', seconds: 4, fps: 24, seed: 0 });
  });

  it.each([
    ['16:9', '1280x720'],
    ['9:16', '720x1280'],
    ['1:1', '720x720'],
    ['21:9', '1680x720'],
  ] as const)('has a size for the shape %s', async (aspectRatio, size) => {
    expect((await callOf('mini', { ...NOTHING, aspectRatio })).fields['size']).toBe(size);
  });

  it('has the first and the last picture', async () => {
    const frameImages = [
      { image: PICTURE, frameType: 'last_frame' as const },
      { image: { type: 'url' as const, url: 'https://example.com/a.png' }, frameType: 'first_frame' as const },
    ];
    const call = await callOf('mini', { ...NOTHING, frameImages });
    expect(call.fields['input_reference']).toEqual({ image_url: 'https://example.com/a.png' });
    expect(Object.keys(call.files)).toEqual(['last']);
    expect(call.warnings).toEqual([]);
  });

  it('is an edit of a film among the references', async () => {
    const call = await callOf('mini', { ...NOTHING, inputReferences: [FILM] });
    expect(call.path).toBe('/videos/edits');
    expect(new Uint8Array(await call.files['video']!.arrayBuffer())).toEqual(new Uint8Array([1, 2, 3]));
  });

  it('is of the mode that is named, with its fields as they are', async () => {
    const films = { mode: 'blend', videos: ['video_a', 'video_b'], guidance: 2 };
    const blend = await callOf('mini', { ...NOTHING, providerOptions: { yozora: films } });
    expect(blend.path).toBe('/videos/blends');
    expect(blend.fields).toMatchObject({ videos: ['video_a', 'video_b'], guidance: 2 });
    const remix = { mode: 'remix', video: 'video_a', strength: 'subtle' };
    const call = await callOf('mini', { ...NOTHING, duration: 4, providerOptions: { yozora: remix } });
    expect(call.path).toBe('/videos/video_a/remix');
    expect(call.fields).toEqual({ model: 'mini', prompt: 'a red car', strength: 'subtle' });
    expect(call.warnings).toMatchObject([{ type: 'unsupported', feature: 'duration' }]);
  });

  it('warns of what there is not', async () => {
    const said = { generateAudio: true, aspectRatio: 'adaptive', inputReferences: [PICTURE, PICTURE] } as const;
    const { warnings } = await callOf('mini', { ...NOTHING, ...said, inputReferences: [...said.inputReferences] });
    expect(warnings.map(warning => 'feature' in warning && warning.feature)).toEqual([
      'generateAudio',
      'aspectRatio',
      'inputReferences',
    ]);
  });

  it('refuses a mode that there is not', async () => {
    const asked = callOf('mini', { ...NOTHING, providerOptions: { yozora: { mode: 'bake' } } });
    await expect(asked).rejects.toThrow(/no mode bake.*generate/);
  });
});
