/* For programs that include what <zmq.h> has taken in long ago. */
#ifndef MONOCOQUE_ZMQ_UTILS_H
#define MONOCOQUE_ZMQ_UTILS_H

#include "zmq.h"

#endif /* MONOCOQUE_ZMQ_UTILS_H */
