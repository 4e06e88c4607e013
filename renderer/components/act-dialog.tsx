import type { ReactNode } from 'react';
import { Dialog, DialogTrigger } from 'react-aria-components/Dialog';
import { Heading } from 'react-aria-components/Heading';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { Button } from './button.tsx';
import styles from './act-dialog.module.css';

type Props = {
  /** What its button says. */
  open: string;
  /** Its name for whoever hears it, where several say the same. */
  openLabel?: string;
  look?: 'primary' | 'secondary' | 'danger' | 'quiet';
  /** What it takes away is not given back by another press. */
  isAlert?: boolean;
  title: string;
  children: (close: () => void) => ReactNode;
};

/** A button, and the form behind it. Nothing behind the form is reached until it is left. */
export function ActDialog({
  open,
  openLabel,
  look = 'secondary',
  isAlert = look === 'danger',
  title,
  children,
}: Props) {
  return (
    <DialogTrigger>
      <Button look={look} {...(openLabel === undefined ? {} : { 'aria-label': openLabel })}>
        {open}
      </Button>
      <ModalOverlay className={styles['overlay'] ?? ''}>
        <Modal className={styles['modal'] ?? ''}>
          <Dialog className={styles['dialog'] ?? ''} role={isAlert ? 'alertdialog' : 'dialog'}>
            {({ close }) => (
              <>
                <Heading slot="title">{title}</Heading>
                {children(close)}
              </>
            )}
          </Dialog>
        </Modal>
      </ModalOverlay>
    </DialogTrigger>
  );
}
