/** Zips that work without an account anywhere, to start from. */
export type Starter = {
  key: string;
  title: string;
  /** One sentence for what it does. */
  does: string;
  /** Under its first step in the drawing. */
  shows: string;
  trigger: "webhook" | "manual";
  app: string;
  action?: string;
  definition: { steps: { name: string; [part: string]: unknown }[] };
};

export const STARTERS: Starter[] = [
  {
    key: "greet",
    title: "Answer a greeting",
    does: "Takes a name from a webhook and makes a greeting of it. Shows how data moves from step to step.",
    shows: "Hello, and the name that came",
    trigger: "webhook",
    app: "data",
    definition: {
      steps: [
        {
          id: "greeting",
          app: "data",
          action: "set_fields",
          name: "Write the greeting",
          input: { fields: { greeting: "Hello {{ trigger.body.name | default('stranger') }}!" } },
        },
      ],
    },
  },
  {
    key: "large-orders",
    title: "Keep only large orders",
    does: "Goes on only when an order is worth 100 or more, and says in plain words why it stopped.",
    shows: "Amount is at least 100",
    trigger: "webhook",
    app: "flow",
    action: "filter",
    definition: {
      steps: [
        {
          id: "large",
          app: "flow",
          action: "filter",
          name: "Is it a large order?",
          input: { match: "all", conditions: [{ left: "{{ trigger.body.amount }}", op: "at_least", right: 100 }] },
        },
        {
          id: "summary",
          app: "data",
          action: "set_fields",
          name: "Sum it up",
          input: { fields: { text: "Order {{ trigger.body.id | default('without number') }}: {{ trigger.body.amount }}" } },
        },
      ],
    },
  },
  {
    key: "later",
    title: "Do something later",
    does: "Waits ten seconds without holding anything up, then goes on. Restart everything meanwhile: it still does.",
    shows: "Waits, and holds nothing up",
    trigger: "manual",
    app: "flow",
    action: "delay",
    definition: {
      steps: [
        { id: "pause", app: "flow", action: "delay", name: "Wait ten seconds", input: { amount: 10, unit: "seconds" } },
        { id: "done", app: "data", action: "set_fields", name: "Note that it is done", input: { fields: { done: true } } },
      ],
    },
  },
];
