import { Label } from 'react-aria-components/Label';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { Popover } from 'react-aria-components/Popover';
import { Select, SelectValue } from 'react-aria-components/Select';
import { Button } from './button.tsx';
import { ChevronIcon } from './icons.tsx';
import styles from './reason-dialog.module.css';

type Props = {
  label: string;
  placeholder: string;
  /** The id of an option; empty for none. */
  value: string;
  onChange: (id: string) => void;
  options: { id: string; text: string; detail: string }[];
};

/** One of a list, in a dialog: a person with their role, a sheet. */
export function PickOne({ label, placeholder, value, onChange, options }: Props) {
  return (
    <Select
      className={styles['person'] ?? ''}
      placeholder={placeholder}
      value={value || null}
      onChange={(key) => {
        onChange(String(key ?? ''));
      }}
    >
      <Label>{label}</Label>
      <Button>
        <SelectValue className={styles['value'] ?? ''} /> <ChevronIcon />
      </Button>
      <Popover className={styles['popover'] ?? ''}>
        <ListBox className={styles['people'] ?? ''}>
          {options.map(({ id, text, detail }) => (
            <ListBoxItem
              key={id}
              id={id}
              textValue={detail === '' ? text : `${text}, ${detail}`}
              className={styles['item'] ?? ''}
            >
              {text} <span>{detail}</span>
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </Select>
  );
}
