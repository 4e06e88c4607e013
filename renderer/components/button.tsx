import { Button as AriaButton, type ButtonProps } from 'react-aria-components/Button';
import styles from './button.module.css';
import { deliberate } from './deliberate.ts';

type Props = Omit<ButtonProps, 'className' | 'style'> & {
  /** `primary` is the one large action of a view; there is never a second. */
  look?: 'primary' | 'secondary' | 'danger' | 'quiet';
  /** It does or records something that is not taken back: Enter does not press it. */
  isDeliberate?: boolean;
};

export function Button({ look = 'secondary', isDeliberate = false, ...props }: Props) {
  return (
    <AriaButton
      {...props}
      {...(isDeliberate ? deliberate : {})}
      className={`${styles['button'] ?? ''} ${styles[look] ?? ''}`}
    />
  );
}
