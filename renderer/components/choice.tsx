import { Label } from 'react-aria-components/Label';
import { RadioButton, RadioField, RadioGroup } from 'react-aria-components/RadioGroup';
import styles from './choice.module.css';
import radio from './radio.module.css';

type Props<Id extends string> = {
  label: string;
  value: Id;
  onChange: (value: Id) => void;
  options: { id: Id; text: string }[];
};

/** One of a few, all of them in sight. */
export function Choice<Id extends string>({ label, value, onChange, options }: Props<Id>) {
  return (
    <RadioGroup
      className={styles['group'] ?? ''}
      value={value}
      onChange={(chosen) => {
        onChange(chosen as Id);
      }}
    >
      <Label className={styles['label'] ?? ''}>{label}</Label>
      <div className={styles['options']}>
        {options.map(({ id, text }) => (
          <RadioField key={id} value={id} className={radio['option'] ?? ''}>
            <RadioButton className={radio['button'] ?? ''}>
              <span className={radio['dot']} />
              {text}
            </RadioButton>
          </RadioField>
        ))}
      </div>
    </RadioGroup>
  );
}
