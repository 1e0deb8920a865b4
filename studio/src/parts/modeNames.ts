/** What the ways to make a film are called. */

import type { I18n, MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

export const MODE_NAMES: Readonly<Record<string, MessageDescriptor>> = {
  generate: msg`From a prompt`,
  remix: msg`Remix`,
  extend: msg`Extension`,
  loop: msg`Loop`,
  blend: msg`Blend`,
  edit: msg`Edit of a region`,
  recut: msg`Re-cut`,
  storyboard: msg`Storyboard`,
  import: msg`Imported`,
};

/** The name of a mode; its own where it is not known here. */
export function modeName(i18n: I18n, mode: string): string {
  const known = MODE_NAMES[mode];
  return known ? i18n._(known) : mode;
}
