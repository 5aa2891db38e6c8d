"use client";

import { Dialog } from "@/components/ui/dialog";
import { Keys } from "@/components/ui/keys";
import { useKeyNames } from "@/lib/key-names";

const GROUPS: { title: string; rows: [keys: string, what: string][] }[] = [
  { title: "Everywhere", rows: [["⌘ K", "Search or jump to anything"], ["N", "New zip"], ["/", "Search this list"], ["?", "This list"]] },
  {
    title: "In a zip",
    rows: [
      ["↑ ↓", "Step above, step below"],
      ["Enter", "Open the step, and once more: into its form"],
      ["Esc", "Close the panel"],
      ["A", "Add a step after this one"],
      ["D", "Skip the step, or stop skipping it"],
      ["F2", "Rename"],
      ["Alt ↑ ↓", "Move the step"],
      ["⇧ S", "Write a note"],
      ["⌘ C", "Copy the step"],
      ["⌘ X", "Cut it out"],
      ["⌘ V", "Paste after this step"],
      ["⌘ D", "Duplicate"],
      ["Del", "Delete"],
      ["⌘ Z", "Undo"],
      ["⌘ ⇧ Z", "Redo"],
      ["⌘ Enter", "Test the step"],
      ["⇧ P", "Publish"],
      ["1", "All of the drawing, here and on a run"],
      ["0", "The drawing in its own size"],
    ],
  },
  {
    title: "In a field of a step",
    rows: [
      ["↓", "Into the data of earlier steps"],
      ["=", "Begin an expression, where the field is empty"],
      ["← →", "Onto a value, and past it"],
      ["Enter", "Edit the value as text"],
    ],
  },
  { title: "In runs and events", rows: [["J K", "Next, previous row"], ["Enter", "Open"], ["C", "Cancel the run"], ["R", "Run again, once it has ended"]] },
];

/** Every shortcut there is. */
export default function ShortcutList({ onClose }: { onClose: () => void }) {
  const named = useKeyNames();
  return (
    <Dialog open onOpenChange={onClose} title="Shortcuts" description={named("Those without ⌘ can be switched off in the settings.")}>
      <div tabIndex={0} role="group" aria-label="All shortcuts" className="grid gap-5 rounded-2">
        {GROUPS.map((group) => (
          <section key={group.title}>
            <h3 className="pb-1 text-12 font-strong text-ink-3">{group.title}</h3>
            <dl>
              {group.rows.map(([keys, what]) => (
                <div key={keys} className="flex h-8 items-center justify-between border-b border-line">
                  <dt>{what}</dt>
                  <dd>
                    <Keys of={keys} />
                    <span className="sr-only">{named(keys)}</span>
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
