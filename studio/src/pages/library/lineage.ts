/** A film's lineage as data: names, addresses, and who is whose source. Knows no graph. */

import { i18n, type MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

import type { Schemas } from "@/api/client";
import { filmName } from "@/parts/filmName";

export type LineageData = Schemas["Lineage"];
export type LineageNode = Schemas["LineageNode"];
export type LineageEdge = Schemas["LineageEdge"];

/** What a source is to the film that was made from it, by the slots of the modes. */
const SLOTS: Readonly<Record<string, MessageDescriptor>> = {
  character: msg`character`,
  characters: msg`character`,
  first_frame: msg`first frame`,
  last_frame: msg`last frame`,
  video: msg`source`,
  source: msg`source`,
};

export function nodeName(node: LineageNode): string {
  if (node.deleted) return node.kind === "character" ? i18n._(msg`Deleted character`) : i18n._(msg`Deleted film`);
  if (node.kind === "character") return `@${node.name ?? ""}`;
  return filmName({ title: node.name, prompt: null, mode: node.mode });
}

/** Where a node leads; null: nowhere. */
export function nodeAddress(node: LineageNode): string | null {
  if (node.deleted) return null;
  return node.kind === "character" ? "/characters" : `/films/${node.id}`;
}

export function slotName(slot: string): string {
  const known = SLOTS[slot];
  return known ? i18n._(known) : slot.replaceAll("_", " ");
}

/** All that a node comes from, or that comes from it, nearest first. */
export function reached({ nodes, edges }: LineageData, start: string, way: "sources" | "results"): LineageNode[] {
  const [from, to] = way === "sources" ? (["target", "source"] as const) : (["source", "target"] as const);
  const seen = new Set([start]);
  for (const id of seen) edges.filter((edge) => edge[from] === id).forEach((edge) => seen.add(edge[to]));
  seen.delete(start);
  return [...seen].flatMap((id) => nodes.find((node) => node.id === id) ?? []);
}
