/** Which films are among files, folders and archives, and what is known of each. */

import { type FoundFile, readTar, readZip } from "./archives";

type Facts = Record<string, unknown>;

export interface FoundFilm {
  name: string;
  open: () => Promise<Blob>;
  /** What the JSON beside it says; null: there is none. */
  metadata: () => Promise<Facts | null>;
}

const FILM = /\.(mp4|mov|m4v)$/i;
const JSON_FILE = /\.json$/i;
const HIDDEN = /(^|\/)(\.|__MACOSX\/)/;
const LARGEST_JSON = 32 * 1024 * 1024; // bytes
const NAMES = ["id", "filename", "file_name", "file"]; // of the film that an entry of a list is about

/** All films of files; archives are opened. Throws `BadArchive`. */
export async function findFilms(files: readonly FoundFile[]): Promise<FoundFilm[]> {
  const groups = await Promise.all(files.map(opened));
  return filmsOf(groups.flat().filter(({ path }) => !HIDDEN.test(path)));
}

async function opened(file: FoundFile): Promise<FoundFile[]> {
  const inside = (path: string): string => `${file.path}/${path}`;
  if (/\.zip$/i.test(file.path)) return (await readZip(await file.open())).map((each) => ({ ...each, path: inside(each.path) }));
  if (/\.tar$/i.test(file.path)) return (await readTar(await file.open())).map((each) => ({ ...each, path: inside(each.path) }));
  return [file];
}

/** Each film with the JSON of its own name, else with its entry in a list such as `videos.json`. */
function filmsOf(files: readonly FoundFile[]): FoundFilm[] {
  const byPath = new Map(files.map((file) => [file.path.toLowerCase(), file]));
  const films = files.filter(({ path }) => FILM.test(path) && !isUpload(path, byPath));
  const beside = (path: string): FoundFile | undefined => {
    const low = path.toLowerCase();
    return byPath.get(`${low.replace(FILM, "")}.json`) ?? byPath.get(`${low}.json`);
  };
  const taken = new Set(films.map(({ path }) => beside(path)));
  const lists = files.filter((file) => JSON_FILE.test(file.path) && !taken.has(file));
  let entries: Promise<Map<string, Facts>> | undefined;
  return films.map((film) => ({
    name: nameOf(film.path),
    open: film.open,
    metadata: async () => {
      const own = beside(film.path);
      if (own) return factsOf(await readJson(own));
      entries ??= entriesOf(lists);
      const found = await entries;
      return found.get(nameOf(film.path)) ?? found.get(nameOf(film.path).replace(FILM, "")) ?? null;
    },
  }));
}

/** Whether a film was sent to Yozora as a source: an export has it in other folders than those that were made. */
function isUpload(path: string, files: ReadonlyMap<string, FoundFile>): boolean {
  const match = /^(.*?)(files|characters)\/[^/]+$/.exec(path.toLowerCase());
  return match !== null && files.has(`${match[1]}videos.json`);
}

/** The entries of all lists, by the names of their films. */
async function entriesOf(lists: readonly FoundFile[]): Promise<Map<string, Facts>> {
  const found = new Map<string, Facts>();
  for (const list of lists) {
    for (const entry of itemsOf(await readJson(list))) {
      const facts = factsOf(entry);
      for (const name of NAMES) if (facts && typeof facts[name] === "string") found.set(nameOf(facts[name]), facts);
    }
  }
  return found;
}

/** The items of a list, or of the first list in an object. */
function itemsOf(said: unknown): unknown[] {
  if (Array.isArray(said)) return said;
  return Object.values(factsOf(said) ?? {}).find((value) => Array.isArray(value)) ?? [];
}

function factsOf(said: unknown): Facts | null {
  return typeof said === "object" && said !== null && !Array.isArray(said) ? (said as Facts) : null;
}

/** What a file says; null where it is no JSON. */
async function readJson(file: FoundFile): Promise<unknown> {
  const content = await file.open();
  if (content.size > LARGEST_JSON) return null;
  try {
    return JSON.parse(await content.text());
  } catch {
    return null;
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

// --- what a browser gives

/** Files that were chosen; those of a folder say where they are in it. */
export function chosenFiles(files: Iterable<File>): FoundFile[] {
  return Array.from(files, (file) => ({ path: file.webkitRelativePath || file.name, open: () => Promise.resolve(file) }));
}

/** Files that were dropped, and those in folders that were. Call it while the drop is handled. */
export function droppedFiles(transfer: DataTransfer): Promise<FoundFile[]> {
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  return Promise.all(entries.map(walk)).then((groups) => groups.flat());
}

async function walk(entry: FileSystemEntry): Promise<FoundFile[]> {
  if (isFile(entry)) {
    const open = (): Promise<Blob> => new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return [{ path: entry.fullPath.replace(/^\//, ""), open }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) break; // a browser gives a hundred at a time
    found.push(...some);
  }
  return (await Promise.all(found.map(walk))).flat();
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}
