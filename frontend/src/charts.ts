// Charts of the dashboard: draws the table that it is for as lines over its days. Owns no number: the table is there for
// whoever reads rather than looks, and where this does not run.
import uPlot from 'uplot';
import look from 'uplot/dist/uPlot.min.css?inline';

const HEIGHT = 150;

// What is under the pointer stands below the chart; of nobody who points, the last day.
const last = (plot: uPlot): void => {
  if (plot.cursor.idx == null) {
    plot.setLegend({ idx: plot.data[0].length - 1 }, false);
  }
};

const dates = (_plot: uPlot, seconds: number[]): string[] =>
  seconds.map((one) => new Date(one * 1000).toISOString().slice(5, 10));

const sheet = new CSSStyleSheet();
sheet.replaceSync(look);
document.adoptedStyleSheets.push(sheet);

class SolventChart extends HTMLElement {
  #plot?: uPlot;
  #watcher?: ResizeObserver;
  readonly #dark = matchMedia('(prefers-color-scheme: dark)');
  readonly #again = (): void => this.#draw();

  connectedCallback(): void {
    this.#draw();
    this.#dark.addEventListener('change', this.#again);
    this.#watcher = new ResizeObserver(() =>
      this.#plot?.setSize({ width: this.clientWidth, height: HEIGHT }),
    );
    this.#watcher.observe(this);
  }

  disconnectedCallback(): void {
    this.#watcher?.disconnect();
    this.#dark.removeEventListener('change', this.#again);
    this.#plot?.destroy();
  }

  #draw(): void {
    const table = document.getElementById(this.getAttribute('for') ?? '');
    if (!(table instanceof HTMLTableElement) || table.tHead === null) {
      return;
    }
    const names = [...(table.tHead.rows[0]?.cells ?? [])].map((cell) => cell.textContent ?? '');
    const rows = [...(table.tBodies[0]?.rows ?? [])].map((row) =>
      [...row.cells].map((cell) => cell.textContent ?? ''),
    );
    const days = rows.map((row) => Date.parse(`${row[0]}T00:00:00Z`) / 1000);
    const series = names
      .slice(1)
      .map((_, at) => rows.map((row) => (row[at + 1] ? Number(row[at + 1]) : null)));
    this.#plot?.destroy();
    this.setAttribute('role', 'img');
    this.setAttribute('aria-label', this.getAttribute('label') ?? '');
    this.#plot = new uPlot(this.#options(names), [days, ...series], this);
  }

  #options(names: string[]): uPlot.Options {
    const style = getComputedStyle(this);
    const colour = (name: string): string => style.getPropertyValue(name).trim();
    const lines = [colour('--act'), colour('--bad'), colour('--good')];
    const axis = {
      stroke: colour('--soft'),
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { stroke: colour('--line'), width: 1 },
    };
    return {
      width: this.clientWidth,
      height: HEIGHT,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
      axes: [
        { ...axis, values: dates },
        { ...axis, size: 44 },
      ],
      hooks: { ready: [last], setCursor: [last] },
      scales: { y: { range: (_plot, _least, most) => [0, Math.max(most, 1)] } },
      series: [
        { label: names[0] ?? '', value: '{YYYY}-{MM}-{DD}' },
        ...names.slice(1).map((label, at) => ({
          label,
          stroke: lines[at % lines.length] ?? '',
          width: 2,
          points: { size: 5 },
        })),
      ],
    };
  }
}

customElements.define('solvent-chart', SolventChart);
