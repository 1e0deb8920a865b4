import { useLingui } from "@lingui/react/macro";
import { Anchor, Paper, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";

export interface FigureProps {
  title: string;
  value: number;
  /** The section of this page that says more. */
  section: string;
  /** Whether it needs somebody to look at it. */
  alarming?: boolean;
  /** What is said below, in a few words. */
  children: ReactNode;
}

/** A number that is seen from afar; its title leads to the section that says more. */
export function Figure({ title, value, section, alarming = false, children }: FigureProps): ReactNode {
  const { i18n } = useLingui();
  return (
    <Paper withBorder p="sm" component="section" aria-label={title}>
      <Anchor component={Link} to={`?show=${section}`} replace size="sm" lineClamp={1}>
        {title}
      </Anchor>
      <Text fz={30} fw={650} lh={1.3} className={alarming ? "error" : undefined}>
        {i18n.number(value)}
      </Text>
      <Text size="xs" c="dimmed">
        {children}
      </Text>
    </Paper>
  );
}
