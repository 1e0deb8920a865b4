import { Group, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { type ReactNode, useEffect, useRef, useState } from "react";

/** The title of a page, which is also that of the window, with what can be done beside it. */
export function PageHead({ title, children }: { title: ReactNode; children?: ReactNode }): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  const [text, setText] = useState("");
  useEffect(() => setText(heading.current?.textContent ?? ""), [title]);
  useDocumentTitle(text ? `${text} · Yozora` : "Yozora");
  return (
    <Group justify="space-between" mb="md" gap="sm">
      <Title order={1} size="h2" ref={heading} lineClamp={2}>
        {title}
      </Title>
      {children && <Group gap="xs">{children}</Group>}
    </Group>
  );
}
