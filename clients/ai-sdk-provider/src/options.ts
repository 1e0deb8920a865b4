import { modes, type Mode } from './modes.js';

/** What `providerOptions.yozora` may hold. All but `mode` are fields of the API (docs/api.md), passed on as they are. */
export interface YozoraVideoOptions {
  /** How the film is made. Default: of the prompt; or of a video among the input references, as an edit of it. */
  mode?: Mode;
  /** The id of a film of the server that this one is made from; an input reference may take its place. */
  video?: string;
  /** Two such ids: the first film turns into the second. */
  videos?: string[];
  negative_prompt?: string;
  style?: string;
  steps?: number;
  guidance?: number;
  quality?: 'exact' | 'balanced' | 'fast';
  fit?: 'crop' | 'pad' | 'stretch';
  native?: boolean;
  strength?: number | string;
  region?: { x: number; y: number; w: number; h: number };
  from?: number;
  to?: number;
  backward?: boolean;
  keep?: Array<[number, number]>;
  board?: Record<string, unknown>;
  characters?: string[];
  [field: string]: unknown;
}

export function isMode(value: unknown): value is Mode {
  return typeof value === 'string' && Object.hasOwn(modes, value);
}
