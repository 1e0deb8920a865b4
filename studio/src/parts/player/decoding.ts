/** Reads single frames of a film, exactly, where the browser decodes by itself (WebCodecs, in a secure context). */

import { ALL_FORMATS, CanvasSink, EncodedPacketSink, Input, type InputVideoTrack, UrlSource } from "mediabunny";

import type { FrameReader, Picture } from "./reader";

const TRIES = 2;
const CHUNK = 16; // frames that are decoded at once on the way back
const KEPT = 48; // pictures in memory

/** Opens a film. Undefined where this browser cannot decode it. Throws where the server does not answer. */
export async function openFilm(address: string): Promise<FrameReader | undefined> {
  const source = new UrlSource(new URL(address, document.baseURI), {
    getRetryDelay: (tries) => (tries < TRIES ? 0.5 : null),
  });
  const input = new Input({ source, formats: ALL_FORMATS });
  try {
    const track = await input.getPrimaryVideoTrack();
    if (!track || !(await track.canDecode())) {
      input.dispose();
      return undefined;
    }
    const hasSound = (await input.getPrimaryAudioTrack()) !== null;
    return readerOf(input, track, await timesOf(track), hasSound);
  } catch (error) {
    input.dispose();
    throw error;
  }
}

async function timesOf(track: InputVideoTrack): Promise<number[]> {
  const times: number[] = [];
  const packets = new EncodedPacketSink(track).packets(undefined, undefined, { metadataOnly: true });
  for await (const packet of packets) times.push(packet.timestamp);
  return times.sort((a, b) => a - b);
}

function readerOf(input: Input, track: InputVideoTrack, times: number[], hasSound: boolean): FrameReader {
  const sink = new CanvasSink(track);
  const kept = new Map<number, Picture>();
  const decode = async (first: number, last: number): Promise<void> => {
    let frame = first;
    for await (const { canvas } of sink.canvases(times[first], times[last + 1] ?? Infinity)) kept.set(frame++, canvas);
    for (const old of kept.keys()) if (kept.size > KEPT && (old < first || old > last)) kept.delete(old);
  };
  return {
    times,
    hasSound,
    picture: async (frame, back) => {
      if (!kept.has(frame)) await (back ? decode(Math.max(0, frame - CHUNK + 1), frame) : decode(frame, frame));
      return kept.get(frame);
    },
    close: () => input.dispose(),
  };
}
