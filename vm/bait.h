/* What hf-bait has made outside, and what attempts inside look for. */
#ifndef HF_BAIT_H
#define HF_BAIT_H

#define BAIT_KEY 0x48460001 /* of the System V objects */
#define BAIT_QUEUE "/hf-bait"
#define BAIT_TEXT "of the outside"

#endif
