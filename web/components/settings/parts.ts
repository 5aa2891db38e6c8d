/** The parts of the settings, in their order; `id` is where the address and the command bar lead. */
export const SETTINGS = [
  { id: "profile", title: "Profile" },
  { id: "appearance", title: "Appearance" },
  { id: "password", title: "Password" },
  { id: "sessions", title: "Signed in on" },
  { id: "tokens", title: "API tokens" },
] as const;
export type SettingsPart = (typeof SETTINGS)[number]["id"];
