import type {
  Experimental_VideoModelV4CallOptions as CallOptions,
  Experimental_VideoModelV4File as File,
  SharedV4Warning as Warning,
} from '@ai-sdk/provider';
import { InvalidArgumentError } from '@ai-sdk/provider';
import { convertBase64ToUint8Array, downloadBlob, type FetchFunction } from '@ai-sdk/provider-utils';
import { modes, type Mode } from './modes.js';
import { isMode, type YozoraVideoOptions } from './options.js';

/** Of films that are asked for by their shape alone, in pixels. */
const SHORT_SIDE = 720;

/** A call of the API: its path below /v1, its fields, and files among them. */
export interface Call {
  path: string;
  fields: Record<string, unknown>;
  files: Record<string, Blob>;
  warnings: Warning[];
}

/** What the API is asked for. What it does not have is warned of, and not sent. */
export async function callOf(modelId: string, options: CallOptions, fetch?: FetchFunction): Promise<Call> {
  const warnings: Warning[] = [];
  const { mode: asked, ...more } = (options.providerOptions['yozora'] ?? {}) as YozoraVideoOptions;
  if (asked !== undefined && !isMode(asked)) {
    const message = `There is no mode ${String(asked)}. Known: ${Object.keys(modes).join(', ')}.`;
    throw new InvalidArgumentError({ argument: 'providerOptions.yozora.mode', message });
  }
  const films = (options.inputReferences ?? []).filter(isFilm);
  const mode: Mode = asked ?? (films.length > 0 || more.video !== undefined ? 'edit' : 'generate');
  const fields: Record<string, unknown> = { model: modelId, ...requested(mode, options, warnings), ...more };
  const files: Record<string, Blob> = {};
  const put = async (name: string, file: File) => {
    if (file.type === 'url' && modes[mode].pictures.includes(name)) {
      fields[name] = { image_url: file.url };
    } else {
      files[name] = await blobOf(file, options.abortSignal, fetch);
    }
  };
  await putPictures(mode, options, warnings, put);
  for (const [index, film] of films.entries()) {
    const clips = modes[mode].clips;
    const name = clips[index];
    if (name === undefined) {
      warnings.push(unsupported('inputReferences', `${mode} takes ${clips.length} videos; the others are left out.`));
      break;
    }
    await put(clips.filter(clip => clip === name).length > 1 ? `${name}[${index}]` : name, film);
  }
  return { path: pathOf(mode, fields), fields, files, warnings };
}

/** The standard options as fields of the API; an option that was not given is not there. */
function requested(mode: Mode, options: CallOptions, warnings: Warning[]): Record<string, unknown> {
  if (options.generateAudio) {
    warnings.push(unsupported('generateAudio', 'Films have only the sound of their sources.'));
  }
  const takes = (option: string) => modes[mode].options.includes(option);
  if (options.duration !== undefined && !takes('seconds')) {
    warnings.push(unsupported('duration', `${mode} has the length of what it is made from.`));
  }
  const said = {
    prompt: options.prompt,
    seconds: takes('seconds') ? options.duration : undefined,
    size: options.resolution ?? sizeOf(options.aspectRatio, warnings),
    fps: options.fps,
    seed: options.seed,
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

/** The size of a shape: its shorter side has 720 pixels, and both are even. */
function sizeOf(ratio: CallOptions['aspectRatio'], warnings: Warning[]): string | undefined {
  if (ratio === undefined) return undefined;
  if (ratio === 'adaptive') {
    warnings.push(unsupported('aspectRatio', 'adaptive: films of videos have their shape, others need a resolution.'));
    return undefined;
  }
  const [width, height] = ratio.split(':').map(Number);
  if (!(width! > 0 && height! > 0)) {
    throw new InvalidArgumentError({ argument: 'aspectRatio', message: `${ratio} is no shape. Write 16:9.` });
  }
  const scale = SHORT_SIDE / Math.min(width!, height!);
  return [width!, height!].map(side => 2 * Math.round((side * scale) / 2)).join('x');
}

async function putPictures(
  mode: Mode,
  options: CallOptions,
  warnings: Warning[],
  put: (name: string, file: File) => Promise<void>,
): Promise<void> {
  const names = modes[mode].pictures;
  const frames = options.frameImages ?? [];
  const referred = (options.inputReferences ?? []).filter(file => !isFilm(file));
  const first = frames.find(frame => frame.frameType === 'first_frame')?.image ?? options.image;
  const last = frames.find(frame => frame.frameType === 'last_frame')?.image;
  for (const [index, picture] of [first ?? referred[0], last].entries()) {
    if (picture === undefined) continue;
    if (names[index] === undefined) warnings.push(unsupported('image', `${mode} takes no picture.`));
    else await put(names[index], picture);
  }
  if (referred.length === 0) return;
  if (first !== undefined || referred.length > 1) {
    warnings.push(unsupported('inputReferences', 'One picture is taken, as the first frame. Others can be characters.'));
  } else if (names.length > 0) {
    warnings.push({ type: 'compatibility', feature: 'inputReferences', details: 'The picture is the first frame.' });
  }
}

function pathOf(mode: Mode, fields: Record<string, unknown>): string {
  const route = modes[mode].route;
  if (!route.includes('{video_id}')) return `/videos/${route}`.replace(/\/$/, '');
  const { video } = fields;
  if (typeof video !== 'string') {
    const message = `${mode} needs the id of a film of the server.`;
    throw new InvalidArgumentError({ argument: 'providerOptions.yozora.video', message });
  }
  delete fields['video'];
  return `/videos/${route.replace('{video_id}', encodeURIComponent(video))}`;
}

function isFilm(file: File): boolean {
  return file.mediaType?.startsWith('video/') ?? false;
}

async function blobOf(file: File, abortSignal?: AbortSignal, fetch?: FetchFunction): Promise<Blob> {
  if (file.type === 'url') {
    return downloadBlob(file.url, { ...(abortSignal && { abortSignal }), ...(fetch && { fetch }) });
  }
  const data = typeof file.data === 'string' ? convertBase64ToUint8Array(file.data) : file.data;
  return new Blob([data as Uint8Array<ArrayBuffer>], { type: file.mediaType });
}

function unsupported(feature: string, details: string): Warning {
  return { type: 'unsupported', feature, details };
}
