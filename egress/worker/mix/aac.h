// One AAC-LC encoder of libavcodec: stereo in, one frame out for every 1024
// samples, after those it holds.
#include <libavcodec/avcodec.h>
#include <libavutil/channel_layout.h>
#include <libavutil/log.h>
#include <stdint.h>

typedef struct {
	AVCodecContext *context;
	AVFrame *frame;
	AVPacket *packet;
} aac;

// aac_open gives NULL if there is no such encoder or no memory.
aac *aac_open(int sample_hz, int bits_per_second);

// aac_encode takes 1024 frames of interleaved s16. It gives the size of what it
// put into `out`, 0 if nothing came yet, and less if it failed.
int aac_encode(aac *a, const int16_t *pcm, uint8_t *out, int size);

void aac_close(aac *a);
