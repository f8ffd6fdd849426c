/** The button: pixel-cut corners, four weights. */
import type { ButtonHTMLAttributes, ReactNode } from 'react';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly weight?: 'primary' | 'plain' | 'quiet' | 'danger';
}

export function Button({ weight = 'plain', className = '', ...rest }: ButtonProps): ReactNode {
  return <button type="button" {...rest} className={`button pixel-box ${buttonClass(weight)} ${className}`} />;
}

/** Class names of a link that looks like a button. */
export function linkButton(weight: 'primary' | 'plain' | 'quiet' = 'plain'): string {
  return `button pixel-box ${buttonClass(weight)}`;
}

function buttonClass(weight: NonNullable<ButtonProps['weight']>): string {
  return weight === 'plain' ? '' : `button-${weight}`;
}
