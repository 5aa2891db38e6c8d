/**
 * Where everything of a flow is drawn, computed from its tree and never dragged.
 *
 * A flow is a list of steps; a step may hold branches, each a list again, drawn side by side and merged below. All
 * measures are in pixels, the centre of the top card's upper edge is (0, 0), and centres lie on half pixels so that
 * hairlines stay sharp.
 */

export const CARD = { width: 264, height: 60 };
export const GAP = 36;
const BRANCH_GAP = 24;
const LABEL = 28;

export type FlowStep = { id: string; branches?: FlowBranch[] };
export type FlowBranch = { label: string; steps: FlowStep[] };

/** A list of steps within the tree: alternating step id and branch index from the top; empty for the top list. */
export type ListPath = readonly (string | number)[];

export type PlacedCard = { id: string; x: number; y: number };
/** A track from one card to the next; `to` is null below the last card. */
export type PlacedTrack = { from: string; to: string | null; path: string };
/** Where a step can be added: at `index` of the list at `list`. */
export type PlacedPlus = { list: ListPath; index: number; after: string | null; x: number; y: number };
export type PlacedLabel = { text: string; x: number; y: number };

export type FlowLayout = {
  cards: PlacedCard[];
  tracks: PlacedTrack[];
  pluses: PlacedPlus[];
  labels: PlacedLabel[];
  /** Extent to the left and right of the centre line, and downward. */
  left: number;
  right: number;
  height: number;
};

/** The drawing of `steps` under a card that is already there, the trigger, whose id is `trigger`. */
export function layoutFlow(trigger: string, steps: FlowStep[]): FlowLayout {
  const layout: FlowLayout = { cards: [], tracks: [], pluses: [], labels: [], left: 0, right: 0, height: 0 };
  layout.cards.push({ id: trigger, x: 0.5, y: 0 });
  const bottom = placeList(layout, steps, [], { id: trigger, x: 0.5, y: CARD.height }, 0.5);
  layout.tracks.push({ from: bottom.id, to: null, path: line(bottom.x, bottom.y, bottom.y + GAP) });
  layout.pluses.push({ list: [], index: steps.length, after: bottom.id, x: bottom.x, y: bottom.y + GAP });
  layout.height = bottom.y + GAP + 12;
  for (const card of layout.cards) {
    layout.left = Math.max(layout.left, CARD.width / 2 - card.x);
    layout.right = Math.max(layout.right, CARD.width / 2 + card.x);
  }
  return layout;
}

type End = { id: string; x: number; y: number };

function placeList(layout: FlowLayout, steps: FlowStep[], list: ListPath, above: End, x: number): End {
  let end = above;
  steps.forEach((step, index) => {
    const y = end.y + GAP;
    layout.tracks.push({ from: end.id, to: step.id, path: line(x, end.y, y) });
    layout.pluses.push({ list, index, after: index === 0 ? above.id : (steps[index - 1]?.id ?? null), x, y: end.y + GAP / 2 });
    layout.cards.push({ id: step.id, x, y });
    end = { id: step.id, x, y: y + CARD.height };
    if (step.branches?.length) end = placeBranches(layout, step, list, end, x);
  });
  return end;
}

function placeBranches(layout: FlowLayout, step: FlowStep, list: ListPath, above: End, x: number): End {
  const branches = step.branches ?? [];
  const widths = branches.map((branch) => listWidth(branch.steps));
  const total = widths.reduce((sum, width) => sum + width, 0) + BRANCH_GAP * (branches.length - 1);
  const top = above.y + GAP;
  const ends: End[] = [];
  let left = x - total / 2;
  branches.forEach((branch, index) => {
    const width = widths[index] ?? CARD.width;
    const centre = Math.round(left + width / 2) + 0.5;
    layout.tracks.push({ from: step.id, to: `${step.id}/${index}`, path: fork(x, above.y, centre, top) });
    layout.labels.push({ text: branch.label, x: centre, y: top });
    const branchList: ListPath = [...list, step.id, index];
    const head: End = { id: `${step.id}/${index}`, x: centre, y: top + LABEL };
    const end = placeList(layout, branch.steps, branchList, head, centre);
    layout.pluses.push({ list: branchList, index: branch.steps.length, after: end.id, x: centre, y: end.y + GAP / 2 });
    ends.push(end);
    left += width + BRANCH_GAP;
  });
  const bottom = Math.max(...ends.map((end) => end.y)) + GAP;
  for (const end of ends) layout.tracks.push({ from: end.id, to: `${step.id}/end`, path: fork(x, bottom + GAP / 2, end.x, end.y) });
  return { id: `${step.id}/end`, x, y: bottom + GAP / 2 };
}

function listWidth(steps: FlowStep[]): number {
  return Math.max(
    CARD.width,
    ...steps.map((step) => {
      const widths = (step.branches ?? []).map((branch) => listWidth(branch.steps));
      return widths.reduce((sum, width) => sum + width, 0) + BRANCH_GAP * Math.max(0, widths.length - 1);
    }),
  );
}

function line(x: number, top: number, bottom: number): string {
  return `M${x} ${top}V${bottom}`;
}

/** From the stem at (x, y) over a rounded shoulder to (toX, toY), upward or downward. */
function fork(x: number, y: number, toX: number, toY: number): string {
  if (x === toX) return `M${x} ${y}V${toY}`;
  const middle = y + (toY - y) / 2;
  const down = Math.sign(toY - y);
  const radius = Math.min(10, Math.abs(toX - x) / 2, Math.abs(toY - y) / 2);
  const side = Math.sign(toX - x) * radius;
  return [
    `M${x} ${y}V${middle - down * radius}`,
    `Q${x} ${middle} ${x + side} ${middle}`,
    `H${toX - side}`,
    `Q${toX} ${middle} ${toX} ${middle + down * radius}`,
    `V${toY}`,
  ].join("");
}
