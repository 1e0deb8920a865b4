/**
 * Reads ZIP and TAR archives where they are: an entry is a part of the file, which the browser reads only when it is sent.
 * So an export of many gigabytes needs no memory. ZIP: APPNOTE 6.3.10; TAR: POSIX.1-2001 (ustar, pax).
 */

/** A file, on the disk or in an archive. */
export interface FoundFile {
  /** With folders, separated by slashes. */
  path: string;
  open: () => Promise<Blob>;
}

const END = 0x06054b50;
const END_64 = 0x06064b50;
const ENTRY = 0x02014b50;
const END_BYTES = 22;
const LOCATOR_BYTES = 20; // of ZIP64, before the end
const LONGEST_COMMENT = 0xffff;
const LOCAL_BYTES = 30;
const ENTRY_BYTES = 46;
const BEYOND = 0xffffffff; // the number is in the ZIP64 field
const STORED = 0;
const DEFLATED = 8;
const BLOCK = 512; // bytes, of a TAR

export class BadArchive extends Error {}

/** The files of a ZIP. Throws `BadArchive`. */
export async function readZip(zip: Blob): Promise<FoundFile[]> {
  const { start, bytes } = await directoryOf(zip);
  const data = await viewOf(zip, start, start + bytes);
  const found: FoundFile[] = [];
  for (let at = 0; at + ENTRY_BYTES <= data.byteLength && data.getUint32(at, true) === ENTRY; ) {
    const name = data.getUint16(at + 28, true);
    const extra = data.getUint16(at + 30, true);
    const comment = data.getUint16(at + 32, true);
    const path = textOf(data, at + ENTRY_BYTES, name);
    const entry = entryOf(data, at, at + ENTRY_BYTES + name, extra);
    if (!path.endsWith("/")) found.push({ path, open: () => contentOf(zip, entry) });
    at += ENTRY_BYTES + name + extra + comment;
  }
  return found;
}

interface Entry {
  method: number;
  packed: number;
  /** Where its local header is. */
  start: number;
}

/** An entry of the directory; its `extra` bytes hold what does not fit into 32 bits. */
function entryOf(data: DataView, at: number, extraAt: number, extra: number): Entry {
  const entry = { method: data.getUint16(at + 10, true), packed: data.getUint32(at + 20, true), start: data.getUint32(at + 42, true) };
  const isLong = data.getUint32(at + 24, true) === BEYOND;
  for (let field = extraAt; field + 4 <= extraAt + extra; field += 4 + data.getUint16(field + 2, true)) {
    if (data.getUint16(field, true) !== 1) continue;
    let value = field + 4 + (isLong ? 8 : 0);
    if (entry.packed === BEYOND) {
      entry.packed = Number(data.getBigUint64(value, true));
      value += 8;
    }
    if (entry.start === BEYOND) entry.start = Number(data.getBigUint64(value, true));
  }
  return entry;
}

async function directoryOf(zip: Blob): Promise<{ start: number; bytes: number }> {
  const from = Math.max(0, zip.size - END_BYTES - LONGEST_COMMENT - LOCATOR_BYTES);
  const tail = await viewOf(zip, from, zip.size);
  let end = tail.byteLength - END_BYTES;
  while (end >= 0 && tail.getUint32(end, true) !== END) end -= 1;
  if (end < 0) throw new BadArchive();
  const start = tail.getUint32(end + 16, true);
  if (start !== BEYOND || end < LOCATOR_BYTES) return { start, bytes: tail.getUint32(end + 12, true) };
  const place = Number(tail.getBigUint64(end - LOCATOR_BYTES + 8, true));
  const long = await viewOf(zip, place, place + 56);
  if (long.byteLength < 56 || long.getUint32(0, true) !== END_64) throw new BadArchive();
  return { start: Number(long.getBigUint64(48, true)), bytes: Number(long.getBigUint64(40, true)) };
}

async function contentOf(zip: Blob, { method, packed, start }: Entry): Promise<Blob> {
  const header = await viewOf(zip, start, start + LOCAL_BYTES);
  if (header.byteLength < LOCAL_BYTES) throw new BadArchive();
  const begin = start + LOCAL_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
  const part = zip.slice(begin, begin + packed);
  if (method === STORED) return part;
  if (method !== DEFLATED) throw new BadArchive();
  return new Response(part.stream().pipeThrough(new DecompressionStream("deflate-raw"))).blob();
}

/** The files of a TAR. Throws `BadArchive`. */
export async function readTar(tar: Blob): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  let longPath = "";
  for (let at = 0; at + BLOCK <= tar.size; ) {
    const header = await viewOf(tar, at, at + BLOCK);
    if (header.getUint8(0) === 0) break;
    const bytes = tarNumber(header);
    const kind = String.fromCharCode(header.getUint8(156));
    const content = tar.slice(at + BLOCK, at + BLOCK + bytes);
    if (kind === "x") longPath = /^\d+ path=(.*)$/m.exec(await content.text())?.[1] ?? "";
    else if (kind === "0" || kind === "\0") {
      const folder = textOf(header, 345, 155);
      const name = textOf(header, 0, 100);
      found.push({ path: longPath || (folder ? `${folder}/${name}` : name), open: () => Promise.resolve(content) });
      longPath = "";
    }
    at += BLOCK + Math.ceil(bytes / BLOCK) * BLOCK;
  }
  return found;
}

/** The size of an entry: octal digits, or binary where its first bit says so. */
function tarNumber(header: DataView): number {
  if (header.getUint8(124) & 0x80) return Number(header.getBigUint64(128, false));
  const size = Number.parseInt(textOf(header, 124, 12).trim() || "0", 8);
  if (!Number.isFinite(size)) throw new BadArchive();
  return size;
}

async function viewOf(blob: Blob, start: number, end: number): Promise<DataView> {
  return new DataView(await blob.slice(start, end).arrayBuffer());
}

/** A text of so many bytes, or up to the first zero. */
function textOf(data: DataView, at: number, bytes: number): string {
  const text = new TextDecoder().decode(new Uint8Array(data.buffer, data.byteOffset + at, bytes));
  return text.split("\0", 1)[0] ?? "";
}
