"use client";

import { Hand, Webhook, type LucideIcon } from "lucide-react";
import { useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { STARTERS } from "./starter-list";
import { useCreateZip } from "./use-create-zip";

const TRIGGERS: { key: "webhook" | "manual"; title: string; says: string; icon: LucideIcon }[] = [
  { key: "webhook", title: "Webhook", says: "Runs whenever something posts to its address.", icon: Webhook },
  { key: "manual", title: "By hand", says: "Runs when you press the button, or by the API.", icon: Hand },
];

/** Name it, say what starts it, and off to the builder. */
export default function NewZip({ onClose }: { onClose: () => void }) {
  const { create, creating, wrong } = useCreateZip();
  const form = useId();
  const [name, setName] = useState("");
  const [trigger, setTrigger] = useState<"webhook" | "manual">("webhook");
  const [starter, setStarter] = useState("");
  async function submit() {
    const from = STARTERS.find((one) => one.key === starter);
    const made = await create({ name: name.trim() || from?.title || "Untitled zip", trigger, definition: from?.definition });
    if (made) onClose();
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="New zip"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form={form} busy={creating}>Create zip</Button>
        </>
      }
    >
      <form
        id={form}
        className="grid gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Field label="Name" error={wrong}>
          {(ids) => <Input {...ids} autoFocus maxLength={300} dir="auto" value={name} placeholder="Untitled zip" onChange={(event) => setName(event.target.value)} />}
        </Field>
        <fieldset className="grid gap-1.5">
          <legend className="pb-1.5 font-strong">What starts it</legend>
          <div className="grid gap-2 sm:grid-cols-2">
            {TRIGGERS.map(({ key, title, says, icon: Icon }) => (
              <label key={key} className="flex items-start gap-2.5 rounded-3 border border-control p-3 has-checked:border-accent has-checked:bg-accent-surface has-focus-visible:shadow-(--ring)">
                <input type="radio" name="trigger" value={key} checked={trigger === key} onChange={() => setTrigger(key)} className="sr-only" />
                <Icon aria-hidden size={16} strokeWidth={1.75} className="mt-0.5 shrink-0 text-ink-2" />
                <span>
                  <strong className="block">{title}</strong>
                  <span className="block text-12 text-ink-2">{says}</span>
                </span>
              </label>
            ))}
          </div>
        </fieldset>
        <fieldset className="grid gap-1">
          <legend className="pb-1.5 font-strong">Steps to begin with</legend>
          {[{ key: "", title: "None", trigger }, ...STARTERS].map((one) => (
            <label key={one.key} className="flex min-h-7 items-center gap-2">
              <input
                type="radio"
                name="starter"
                checked={starter === one.key}
                onChange={() => {
                  setStarter(one.key);
                  setTrigger(one.trigger);
                }}
                className="size-4 accent-(--accent)"
              />
              {one.title}
            </label>
          ))}
        </fieldset>
      </form>
    </Dialog>
  );
}
