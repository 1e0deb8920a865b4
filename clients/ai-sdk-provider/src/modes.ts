// Written by `make docs` from yozora.core.modes, and compared with it by the tests.

/** A way to make a film: its route below /v1/videos, its own options, and the fields of its sources. */
export interface ModeFacts {
  route: string;
  options: string[];
  pictures: string[];
  clips: string[];
}

export type Mode = 'generate' | 'extend' | 'loop' | 'blend' | 'remix' | 'edit' | 'recut' | 'storyboard';

export const modes: Record<Mode, ModeFacts> = {
  generate: { route: '', options: ['seconds'], pictures: ['input_reference', 'last'], clips: [] },
  extend: { route: 'extensions', options: ['seconds', 'backward'], pictures: [], clips: ['video'] },
  loop: { route: 'loops', options: ['seconds'], pictures: [], clips: ['video'] },
  blend: { route: 'blends', options: ['seconds'], pictures: [], clips: ['videos', 'videos'] },
  remix: { route: '{video_id}/remix', options: ['strength'], pictures: [], clips: ['video'] },
  edit: { route: 'edits', options: ['region', 'from', 'to', 'strength'], pictures: [], clips: ['video'] },
  recut: { route: 'recuts', options: ['keep'], pictures: [], clips: ['video'] },
  storyboard: { route: 'storyboards', options: ['board'], pictures: [], clips: [] },
};
