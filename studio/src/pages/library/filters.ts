/** Which films of the library are shown: kept in the address, so that a reload, a bookmark and "back" show the same. */

import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";

import type { Video } from "@/api/client";

/** Empty: any. */
export interface Filters {
  q: string;
  status: string;
  mode: string;
  model: string;
  /** Days, as "7". */
  since: string;
  /** Of a folder; "none": in no folder. */
  folder: string;
  trash: boolean;
}

export const NO_FOLDER = "none";
export const STATUSES = ["queued", "in_progress", "completed", "failed"] as const;
export const NO_FILTERS: Filters = { q: "", status: "", mode: "", model: "", since: "", folder: "", trash: false };

/** The filters of the address, and how it is changed. Neither typing nor going through the values of a list fills the history. */
export function useFilters(): [Filters, (changes: Partial<Filters>, how?: { replace: boolean }) => void] {
  const [params, setParams] = useSearchParams();
  const filters = useMemo(() => read(params), [params]);
  const change = useCallback(
    (changes: Partial<Filters>, how = { replace: isSet(changes) }) => {
      setParams((before) => written({ ...read(before), ...changes }), how);
    },
    [setParams],
  );
  return [filters, change];
}

/** Whether all that changes is a filter that had a value before. */
function isSet(changes: Partial<Filters>): boolean {
  const { folder, trash, ...before } = read(new URLSearchParams(window.location.search));
  return Object.keys(changes).every((name) => Boolean(before[name as keyof typeof before]));
}

function read(params: URLSearchParams): Filters {
  const texts = (["q", "status", "mode", "model", "since", "folder"] as const).map((name) => [name, params.get(name) ?? ""]);
  return { ...NO_FILTERS, ...(Object.fromEntries(texts) as Partial<Filters>), trash: params.has("trash") };
}

export function written(filters: Filters): URLSearchParams {
  const { trash, ...texts } = filters;
  const said = Object.entries(texts).filter(([, value]) => value);
  return new URLSearchParams(trash ? [...said, ["trash", "1"]] : said);
}

/** Whether anything but the place (folder or trash) is asked for. */
export function narrows({ q, status, mode, model, since }: Filters): boolean {
  return Boolean(q.trim() || status || mode || model || since);
}

/** The moment from which films are shown, in Unix seconds: the start of a day, so that it is the same all day. */
export function beginOf(since: string): number | undefined {
  const days = Number(since);
  if (!since || !Number.isFinite(days)) return undefined;
  const day = new Date();
  day.setHours(0, 0, 0, 0);
  day.setDate(day.getDate() - days + 1);
  return Math.floor(day.getTime() / 1000);
}

/** Whether a film is among those that are asked for, as the server finds them. */
export function matches(video: Video, filters: Filters): boolean {
  const { q, status, mode, model, since, folder, trash } = filters;
  if ((video.trashed_at !== null) !== trash) return false;
  if (status && video.status !== status) return false;
  if (mode && video.mode !== mode) return false;
  if (model && video.model !== model) return false;
  if (folder && (video.folder_id ?? NO_FOLDER) !== folder) return false;
  if (video.created_at < (beginOf(since) ?? 0)) return false;
  const texts = [video.title, video.prompt].map((text) => (text ?? "").toLowerCase());
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => texts.some((text) => text.includes(word)));
}
