/** Which films are selected: one by one, or all from the last one to another one. */

import { useCallback, useMemo, useState } from "react";

export interface Selection {
  ids: ReadonlySet<string>;
  /** Selects a film or takes it out. `range`: with all between it and the one before. */
  toggle: (id: string, range: boolean) => void;
  all: () => void;
  clear: () => void;
}

interface State {
  ids: ReadonlySet<string>;
  /** The film that was selected last: where a range begins. */
  anchor: string | null;
}

const NOTHING: State = { ids: new Set(), anchor: null };

/** `order`: the ids of all films that are shown. Those that are not among them are selected no more. */
export function useSelection(order: readonly string[]): Selection {
  const [state, setState] = useState(NOTHING);
  const ids = useMemo(() => {
    const shown = new Set(order);
    return new Set([...state.ids].filter((id) => shown.has(id)));
  }, [order, state.ids]);
  const toggle = useCallback(
    (id: string, range: boolean) => setState((before) => toggled(before, id, range ? order : [])),
    [order],
  );
  const all = useCallback(() => setState({ ids: new Set(order), anchor: null }), [order]);
  const clear = useCallback(() => setState(NOTHING), []);
  return { ids, toggle, all, clear };
}

function toggled({ ids, anchor }: State, id: string, order: readonly string[]): State {
  const from = anchor === null ? -1 : order.indexOf(anchor);
  const to = order.indexOf(id);
  const next = new Set(ids);
  if (from >= 0 && to >= 0) order.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((each) => next.add(each));
  else if (next.has(id)) next.delete(id);
  else next.add(id);
  return { ids: next, anchor: id };
}
