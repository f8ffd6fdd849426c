/** One of a few, as radio buttons side by side. */
import { type ReactNode, useId } from 'react';

interface ChoicesProps<T extends string> {
  readonly legend: string;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly value: T;
  readonly onChange: (value: T) => void;
  readonly disabled?: boolean;
}

export function Choices<T extends string>({ legend, options, value, onChange, disabled = false }: ChoicesProps<T>): ReactNode {
  const name = useId();
  return (
    <fieldset disabled={disabled} className="min-w-0">
      <legend className="mb-1 text-sm font-medium">{legend}</legend>
      <div className="flex flex-wrap">
        {options.map((option) => (
          <label key={option.value} className="choice relative">
            <input
              type="radio"
              className="sr-only"
              {...{ name, value: option.value }}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            {option.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
