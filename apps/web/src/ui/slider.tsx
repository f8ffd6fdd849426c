/** A labelled slider. The arrow keys move by one step, Page Up and Down by more, double click returns to the start. */
import type { CSSProperties, ReactNode } from 'react';

interface SliderProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  readonly disabled?: boolean;
  /** Shown and spoken instead of the number. */
  readonly valueText?: string;
  readonly onChange: (value: number) => void;
  /** The gesture ended. */
  readonly onSettle?: () => void;
  /** Something small before the label. */
  readonly mark?: ReactNode;
}

export function Slider({ label, value, min, max, step = 1, disabled = false, valueText, onChange, onSettle, mark }: SliderProps): ReactNode {
  const centred = min < 0;
  return (
    <label className={`grid items-center gap-x-3 ${mark ? 'grid-cols-[auto_1fr_auto]' : 'grid-cols-[1fr_auto]'}`}>
      {mark}
      <span className="text-sm font-medium">{label}</span>
      <span className="text-sm text-soft" aria-hidden="true">
        {valueText ?? value}
      </span>
      <input
        type="range"
        className={`slider col-span-2 ${centred ? 'slider-centred' : ''}`}
        style={trackOf(value, min, max)}
        aria-valuetext={valueText}
        {...{ min, max, step, value, disabled }}
        onChange={(event) => onChange(event.currentTarget.valueAsNumber)}
        onPointerUp={onSettle}
        onKeyUp={onSettle}
        onDoubleClick={() => onChange(Math.max(min, 0))}
      />
    </label>
  );
}

/** The filled part of the track: from the left end, or from the middle when the slider has two sides. */
function trackOf(value: number, min: number, max: number): CSSProperties {
  const share = (at: number) => `${(100 * (at - min)) / (max - min)}%`;
  if (min >= 0) return { '--filled': share(value) } as CSSProperties;
  return { '--from': share(Math.min(0, value)), '--to': share(Math.max(0, value)) } as CSSProperties;
}
