import { Button as AriaButton, type ButtonProps } from 'react-aria-components/Button';
import styles from './button.module.css';

/** `primary` is the one large action of a view; there is never a second. */
type Props = Omit<ButtonProps, 'className' | 'style'> & { look?: 'primary' | 'secondary' | 'danger' | 'quiet' };

export function Button({ look = 'secondary', ...props }: Props) {
  return <AriaButton {...props} className={`${styles['button'] ?? ''} ${styles[look] ?? ''}`} />;
}
