/** A film's lineage as data: names, addresses, and who is whose source. Knows no graph. */

import { i18n, type MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

import type { Schemas } from "@/api/client";
import { filmName } from "@/parts/filmName";
import { modeName } from "@/parts/modeNames";

export type LineageData = Schemas["Lineage"];
export type LineageNode = Schemas["LineageNode"];
export type LineageEdge = Schemas["LineageEdge"];

/** What a source is to the film that was made from it; for other slots the mode of the film says it. */
const SLOTS: Readonly<Record<string, MessageDescriptor>> = {
  characters: msg`Character`,
  image: msg`First frame`,
  last: msg`Last frame`,
};

export function nodeName(node: LineageNode): string {
  if (node.kind === "file") return i18n._(msg`Uploaded file`);
  if (node.foreign) return node.kind === "character" ? i18n._(msg`Character of another key`) : i18n._(msg`Film of another key`);
  if (node.deleted) return node.kind === "character" ? i18n._(msg`Deleted character`) : i18n._(msg`Deleted film`);
  if (node.kind === "character") return `@${node.name ?? ""}`;
  return filmName({ title: node.name, prompt: null, mode: node.mode });
}

/** Where a node leads; null: nowhere. */
export function nodeAddress(node: LineageNode): string | null {
  if (node.deleted || node.foreign || node.kind === "file") return null;
  return node.kind === "character" ? "/characters" : `/films/${node.id}`;
}

/** What stands at the arrow from a source to what was made from it. */
export function edgeName(slot: string, target: LineageNode | undefined): string {
  const known = SLOTS[slot];
  if (known) return i18n._(known);
  return target?.mode ? modeName(i18n, target.mode) : slot;
}

/** All that a node comes from, or that comes from it, nearest first. */
export function reached({ nodes, edges }: LineageData, start: string, way: "sources" | "results"): LineageNode[] {
  const [from, to] = way === "sources" ? (["target", "source"] as const) : (["source", "target"] as const);
  const seen = new Set([start]);
  for (const id of seen) edges.filter((edge) => edge[from] === id).forEach((edge) => seen.add(edge[to]));
  seen.delete(start);
  return [...seen].flatMap((id) => nodes.find((node) => node.id === id) ?? []);
}
