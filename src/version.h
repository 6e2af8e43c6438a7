/* The version, once. */
#ifndef HF_VERSION_H
#define HF_VERSION_H

#define HF_VERSION "0.1.0"

#endif
