/** The lineage as a graph: sources on the side where one begins to read, what was made from them after it. */

import "@xyflow/react/dist/style.css";

import { graphlib, layout } from "@dagrejs/dagre";
import { useLingui } from "@lingui/react/macro";
import { useComputedColorScheme, useDirection } from "@mantine/core";
import { IconFile, IconMovie, IconMovieOff, IconUser } from "@tabler/icons-react";
import { Controls, type Edge, Handle, MarkerType, type Node, type NodeProps, Position, ReactFlow } from "@xyflow/react";
import { type ReactNode, useMemo, useState } from "react";
import { Link } from "react-router";

import { contentAddress } from "@/api/base";
import { edgeName, type LineageData, type LineageNode, nodeAddress, nodeName } from "@/parts/lineage";

import classes from "./Lineage.module.css";

const WIDTH = 168; // px
const HEIGHT = 132;
type FilmNode = Node<{ node: LineageNode; isShown: boolean }, "film">;
const KINDS = { film: GraphNode };

export default function LineageGraph({ lineage }: { lineage: LineageData }): ReactNode {
  const { dir } = useDirection();
  const { t } = useLingui();
  const dark = useComputedColorScheme("light") === "dark";
  const { nodes, edges } = useMemo(() => placed(lineage, dir === "rtl"), [lineage, dir]);
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      nodeTypes={KINDS}
      colorMode={dark ? "dark" : "light"}
      fitView
      fitViewOptions={{ maxZoom: 1, padding: 0.1 }}
      minZoom={0.2}
      nodesDraggable={false}
      nodesConnectable={false}
      nodesFocusable={false}
      edgesFocusable={false}
      elementsSelectable={false}
      preventScrolling={false}
      zoomOnScroll={false}
      proOptions={{ hideAttribution: true }}
      ariaLabelConfig={{
        "controls.ariaLabel": t`View of the graph`,
        "controls.zoomIn.ariaLabel": t`Larger`,
        "controls.zoomOut.ariaLabel": t`Smaller`,
        "controls.fitView.ariaLabel": t`Show all`,
      }}
    >
      <Controls showInteractive={false} />
    </ReactFlow>
  );
}

function placed(lineage: LineageData, mirrored: boolean): { nodes: FilmNode[]; edges: Edge[] } {
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: mirrored ? "RL" : "LR", nodesep: 24, ranksep: 80 });
  graph.setDefaultEdgeLabel(() => ({}));
  lineage.nodes.forEach(({ id }) => graph.setNode(id, { width: WIDTH, height: HEIGHT }));
  lineage.edges.forEach(({ source, target }) => graph.setEdge(source, target));
  layout(graph);
  const [out, into] = mirrored ? [Position.Left, Position.Right] : [Position.Right, Position.Left];
  return {
    nodes: lineage.nodes.map((node) => {
      const { x, y } = graph.node(node.id);
      const position = { x: x - WIDTH / 2, y: y - HEIGHT / 2 };
      const sides = { sourcePosition: out, targetPosition: into, width: WIDTH, height: HEIGHT };
      return { id: node.id, type: "film", position, ...sides, data: { node, isShown: node.id === lineage.video_id } };
    }),
    edges: lineage.edges.map(({ source, target, slot }) => ({
      id: `${source} ${target} ${slot}`,
      source,
      target,
      label: edgeName(slot, lineage.nodes.find(({ id }) => id === target)),
      markerEnd: { type: MarkerType.ArrowClosed },
    })),
  };
}

function GraphNode({ data: { node, isShown }, sourcePosition, targetPosition }: NodeProps<FilmNode>): ReactNode {
  const address = nodeAddress(node);
  const name = nodeName(node);
  const card = (
    <>
      <span className={classes.picture}>
        <NodePicture node={node} />
      </span>
      <span className={classes.name} dir="auto">
        {name}
      </span>
    </>
  );
  return (
    <>
      <Handle className={classes.handle ?? ""} type="target" position={targetPosition ?? Position.Left} isConnectable={false} />
      {address ? (
        <Link className={classes.node} to={address} aria-current={isShown ? "page" : undefined} data-shown={isShown || undefined}>
          {card}
        </Link>
      ) : (
        <span className={classes.node}>{card}</span>
      )}
      <Handle className={classes.handle ?? ""} type="source" position={sourcePosition ?? Position.Right} isConnectable={false} />
    </>
  );
}

function NodePicture({ node }: { node: LineageNode }): ReactNode {
  const [gone, setGone] = useState(false);
  if (node.kind === "character") return <IconUser size={32} stroke={1.2} aria-hidden />;
  if (node.kind === "file") return <IconFile size={32} stroke={1.2} aria-hidden />;
  if (node.deleted || node.status === "failed") return <IconMovieOff size={32} stroke={1.2} aria-hidden />;
  if (gone || node.status !== "completed") return <IconMovie size={32} stroke={1.2} aria-hidden />;
  return <img src={contentAddress(node.id, "thumbnail")} alt="" draggable={false} onError={() => setGone(true)} />;
}
