import { createTheme, type MantineColorsTuple } from "@mantine/core";

/** The night sky, from dusk to midnight. */
const night: MantineColorsTuple = [
  "#eef0ff",
  "#dcdffa",
  "#b6bcf0",
  "#8e97e6",
  "#6c77de",
  "#5662d9",
  "#4a56d2",
  "#3a45b8",
  "#323da6",
  "#283294",
];

const dark: MantineColorsTuple = [
  "#dfe1ee",
  "#c3c6d9",
  "#a7abc4",
  "#8288a8",
  "#4b5073",
  "#343957",
  "#272b45",
  "#1a1d33",
  "#131528",
  "#0c0e1c",
];

export const theme = createTheme({
  primaryColor: "night",
  primaryShade: { light: 6, dark: 5 },
  colors: { night, dark },
  autoContrast: true,
  luminanceThreshold: 0.35,
  defaultRadius: "md",
  cursorType: "pointer",
  components: { Menu: { defaultProps: { withInitialFocusPlaceholder: false } } }, // a menu may hold nothing but entries
  fontFamily:
    "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans Arabic', 'Noto Sans CJK SC', sans-serif",
});
