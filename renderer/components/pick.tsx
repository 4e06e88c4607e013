import { Button } from 'react-aria-components/Button';
import { FieldError } from 'react-aria-components/FieldError';
import { Label } from 'react-aria-components/Label';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { Popover } from 'react-aria-components/Popover';
import { Select, SelectValue } from 'react-aria-components/Select';
import { Text } from 'react-aria-components/Text';
import { ChevronIcon } from './icons.tsx';
import styles from './pick.module.css';

type Props = {
  label: string;
  hint?: string | undefined;
  /** What is wrong with it. */
  error?: string | undefined;
  /** What stands there until one is chosen; an empty value is none then. */
  placeholder?: string;
  /** The id of an option. */
  value: string;
  onChange: (value: string) => void;
  options: { id: string; text: string; detail?: string | undefined }[];
};

/** One of a list: a person with their role, a printer with its state. */
export function Pick({ label, hint, error, placeholder, value, onChange, options }: Props) {
  return (
    <Select
      className={styles['pick'] ?? ''}
      isInvalid={error !== undefined}
      {...(placeholder === undefined ? { value } : { value: value || null, placeholder })}
      onChange={(key) => {
        onChange(String(key ?? ''));
      }}
    >
      <Label className={styles['label'] ?? ''}>{label}</Label>
      <Button className={styles['button'] ?? ''}>
        <SelectValue className={styles['value'] ?? ''} /> <ChevronIcon />
      </Button>
      {hint && (
        <Text slot="description" className={styles['hint'] ?? ''}>
          {hint}
        </Text>
      )}
      <FieldError className={styles['error'] ?? ''}>{error}</FieldError>
      <Popover className={styles['popover'] ?? ''}>
        <ListBox className={styles['list'] ?? ''}>
          {options.map(({ id, text, detail }) => (
            <ListBoxItem
              key={id}
              id={id}
              textValue={detail ? `${text}, ${detail}` : text}
              className={styles['item'] ?? ''}
            >
              {text} {detail && <span>{detail}</span>}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </Select>
  );
}
