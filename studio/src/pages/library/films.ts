/**
 * The films that a page of the library has read so far, page by page.
 *
 * Events change them in place: with thousands of films, reading all pages again for each event would be slow.
 */

import { type InfiniteData, useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";

import { answer, http, type Schemas, type Video } from "@/api/client";
import { type EventKind, listen } from "@/api/events";
import { changed, keep, queries } from "@/api/queries";

import { beginOf, type Filters, matches, STATUSES } from "./filters";

export type FilmPage = Schemas["Page_LibraryVideo_"];
export type FilmPages = InfiniteData<FilmPage, string | undefined>;

const PAGE = 100; // films: the most that the API gives at once
const AT_ONCE = 200; // films that are changed by a call
const KEY = "library";
const READ_AGAIN_MS = 600;
let reading: number | undefined;

export interface Films {
  films: Video[];
  /** Whether there are more than were read. */
  more: boolean;
  readMore: () => void;
  waiting: boolean;
  waitingForMore: boolean;
  error: unknown;
}

export function useFilms(filters: Filters): Films {
  const found = useInfiniteQuery({
    queryKey: [KEY, filters],
    queryFn: ({ pageParam, signal }) => readPage(filters, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: FilmPage) => (last.has_more ? (last.last_id ?? undefined) : undefined),
    staleTime: 60_000,
  });
  useEffect(() => listen((kind, video) => apply(kind, video)), []);
  const films = useMemo(() => found.data?.pages.flatMap((page) => page.data) ?? [], [found.data]);
  return {
    films,
    more: found.hasNextPage,
    readMore: () => void (found.isFetching || found.fetchNextPage()),
    waiting: found.isPending,
    waitingForMore: found.isFetchingNextPage,
    error: found.error,
  };
}

function readPage(filters: Filters, after: string | undefined, signal: AbortSignal): Promise<FilmPage> {
  const { q, mode, model, since, folder, trash } = filters;
  const status = STATUSES.find((each) => each === filters.status);
  const begin = beginOf(since);
  const query = {
    limit: PAGE,
    ...(after && { after }),
    ...(q.trim() && { q: q.trim() }),
    ...(status && { status }),
    ...(mode && { mode }),
    ...(model && { model }),
    ...(folder && { folder }),
    ...(trash && { trashed: true }),
    ...(begin && { created_after: begin }),
  };
  return answer(http.GET("/v1/library", { params: { query }, signal }));
}

/** Changes several films at once, here and on the server. Throws `ApiError`. */
export async function changeFilms(ids: readonly string[], what: { folder_id?: string; trashed?: boolean; deleted?: true }): Promise<void> {
  for (let start = 0; start < ids.length; start += AT_ONCE) {
    const some = ids.slice(start, start + AT_ONCE);
    const { data, deleted } = await answer(http.POST("/v1/library", { body: { ids: some, ...what } }));
    data.forEach((video) => apply("moved", video));
    deleted.forEach((id) => apply("deleted", { id }));
  }
  changed("/v1/folders");
}

/** Gives a film another title; empty: none. Throws `ApiError`. */
export async function renameFilm(id: string, title: string): Promise<void> {
  const call = http.POST("/v1/videos/{video_id}", { params: { path: { video_id: id } }, body: { title } });
  apply("renamed", await answer(call));
}

/** Brings every list that was read to what an event says. */
function apply(kind: EventKind, video: Video | { id: string }): void {
  if (kind !== "deleted") keep(video as Video);
  for (const [key, pages] of queries.getQueriesData<FilmPages>({ queryKey: [KEY] })) {
    if (kind !== "progress" && queries.getQueryState(key)?.fetchStatus === "fetching") readAgainSoon();
    if (!pages) continue;
    const shown = kind !== "deleted" && matches(video as Video, key[1] as Filters);
    queries.setQueryData<FilmPages>(key, shown ? withFilm(pages, video as Video) : withoutFilm(pages, video.id));
  }
}

/** What is being read may be older than an event. */
function readAgainSoon(): void {
  window.clearTimeout(reading);
  reading = window.setTimeout(() => void queries.invalidateQueries({ queryKey: [KEY] }), READ_AGAIN_MS);
}

/** The pages with a film as it is now: in its place, or where its number belongs. The newest are first. */
export function withFilm(pages: FilmPages, video: Video): FilmPages {
  const known = pages.pages.some((page) => page.data.some(({ id }) => id === video.id));
  if (known) return mapped(pages, (data) => data.map((each) => (each.id === video.id ? video : each)));
  const place = pages.pages.findIndex(({ data, has_more }) => !has_more || isBefore(data.at(-1), video));
  if (place < 0) return pages;
  return mapped(pages, (data, index) => (index === place ? inserted(data, video) : data));
}

export function withoutFilm(pages: FilmPages, id: string): FilmPages {
  const known = pages.pages.some((page) => page.data.some((each) => each.id === id));
  return known ? mapped(pages, (data) => data.filter((each) => each.id !== id)) : pages;
}

function mapped(pages: FilmPages, change: (data: Video[], index: number) => Video[]): FilmPages {
  return { ...pages, pages: pages.pages.map((page, index) => ({ ...page, data: change(page.data, index) })) };
}

function inserted(data: Video[], video: Video): Video[] {
  const place = data.findIndex((each) => isBefore(each, video));
  return place < 0 ? [...data, video] : [...data.slice(0, place), video, ...data.slice(place)];
}

/** Whether a film comes after another one: by the numbers in their ids, as the server lists them. */
function isBefore(one: Video | undefined, other: Video): boolean {
  return !one || numberOf(one) < numberOf(other);
}

/** The number of an id: 16 hexadecimal digits of nanoseconds. Older ids have none: then when it was made. */
function numberOf({ id, created_at }: Video): bigint {
  const digits = /^[a-z]+_([0-9a-f]{16})[0-9a-f]{16}$/.exec(id)?.[1];
  return digits ? BigInt(`0x${digits}`) : BigInt(created_at) * 1_000_000_000n;
}
