import { FieldError } from 'react-aria-components/FieldError';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { Text } from 'react-aria-components/Text';
import { TextArea } from 'react-aria-components/TextArea';
import { TextField } from 'react-aria-components/TextField';
import styles from './field.module.css';

type Props = {
  label: string;
  /** The label is there for screen readers only: a table's column says it to everybody else. */
  labelHidden?: boolean;
  hint?: string | undefined;
  /** What is wrong with it. */
  error?: string | undefined;
  value: string;
  onChange: (value: string) => void;
  mono?: boolean;
  multiline?: boolean;
  maxLength?: number;
};

/** One text field. Enter in it does nothing (a scanner ends every reading with one). */
export function Field({ label, labelHidden, hint, error, value, onChange, mono, multiline, maxLength = 4096 }: Props) {
  const className = `${styles['input'] ?? ''} ${mono ? (styles['mono'] ?? '') : ''}`;
  return (
    <TextField
      className={styles['field'] ?? ''}
      value={value}
      onChange={onChange}
      maxLength={maxLength}
      isInvalid={error !== undefined}
      {...(labelHidden ? { 'aria-label': label } : {})}
    >
      {!labelHidden && <Label className={styles['label'] ?? ''}>{label}</Label>}
      {multiline ? (
        <TextArea className={className} rows={3} />
      ) : (
        <Input className={className} autoComplete="off" spellCheck={false} />
      )}
      {hint && (
        <Text slot="description" className={styles['hint'] ?? ''}>
          {hint}
        </Text>
      )}
      <FieldError className={styles['error'] ?? ''}>{error}</FieldError>
    </TextField>
  );
}
