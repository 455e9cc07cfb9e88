#include "aac.h"

#include <string.h>

// AV_PROFILE_AAC_LOW was FF_PROFILE_AAC_LOW once; the number is ISO's.
enum { low_complexity = 1, stereo = 2, frame_samples = 1024 };

void aac_close(aac *a) {
	if (!a) return;
	avcodec_free_context(&a->context);
	av_frame_free(&a->frame);
	av_packet_free(&a->packet);
	av_free(a);
}

aac *aac_open(int sample_hz, int bits_per_second) {
	av_log_set_level(AV_LOG_QUIET); // failures are returned
	const AVCodec *codec = avcodec_find_encoder_by_name("aac");
	aac *a = codec ? av_mallocz(sizeof *a) : NULL;
	if (!a) return NULL;
	a->context = avcodec_alloc_context3(codec);
	a->frame = av_frame_alloc();
	a->packet = av_packet_alloc();
	if (!a->context || !a->frame || !a->packet) goto failed;
	a->context->sample_fmt = AV_SAMPLE_FMT_FLTP;
	a->context->sample_rate = sample_hz;
	a->context->bit_rate = bits_per_second;
	a->context->profile = low_complexity;
	a->context->thread_count = 1;
	a->frame->format = AV_SAMPLE_FMT_FLTP;
	a->frame->sample_rate = sample_hz;
	a->frame->nb_samples = frame_samples;
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(59, 24, 100)
	av_channel_layout_default(&a->context->ch_layout, stereo);
	av_channel_layout_default(&a->frame->ch_layout, stereo);
#else
	a->context->channels = a->frame->channels = stereo;
	a->context->channel_layout = a->frame->channel_layout = AV_CH_LAYOUT_STEREO;
#endif
	if (avcodec_open2(a->context, codec, NULL) < 0 || a->context->frame_size != frame_samples) goto failed;
	if (av_frame_get_buffer(a->frame, 0) < 0) goto failed;
	a->frame->pts = 0;
	return a;
failed:
	aac_close(a);
	return NULL;
}

int aac_encode(aac *a, const int16_t *pcm, uint8_t *out, int size) {
	if (av_frame_make_writable(a->frame) < 0) return -1;
	for (int c = 0; c < stereo; c++) {
		float *plane = (float *)a->frame->data[c];
		for (int i = 0; i < frame_samples; i++) plane[i] = pcm[i * stereo + c] / 32768.0f;
	}
	if (avcodec_send_frame(a->context, a->frame) < 0) return -1;
	a->frame->pts += frame_samples;
	int result = avcodec_receive_packet(a->context, a->packet);
	if (result == AVERROR(EAGAIN)) return 0;
	if (result < 0) return -1;
	int length = a->packet->size;
	if (length <= size) memcpy(out, a->packet->data, length);
	av_packet_unref(a->packet);
	return length <= size ? length : -1;
}
