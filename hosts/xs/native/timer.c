/* The `timer` module: a fixed table, deadlines in microseconds of host_now_us. */
#include "xsAll.h"
#include "glue.h"

#ifndef GLUE_TIMERS
	#define GLUE_TIMERS 64
#endif

typedef struct {
	txSlot object;
	txSlot callback;
	uint64_t deadline_us;   /* UINT64_MAX: not scheduled */
	uint64_t repeat_us;     /* 0: once */
	int used;
} Timer;

static Timer gTimers[GLUE_TIMERS];

static void forget(txMachine *the, Timer *timer)
{
	if (!timer->used)
		return;
	fxSetHostData(the, &timer->object, C_NULL);
	fxForget(the, &timer->object);
	fxForget(the, &timer->callback);
	timer->used = 0;
}

/* The object is kept alive while its timer is scheduled, hence nothing to free. */
void xs_timer_destructor(void *data)
{
	(void)data;
}

static Timer *timerOf(txMachine *the, int index)
{
	Timer *timer = mxArgc > index && mxArgv(index)->kind == XS_REFERENCE_KIND ? fxGetHostDataIf(the, mxArgv(index)) : C_NULL;
	if (timer && (timer < gTimers || timer >= gTimers + GLUE_TIMERS))
		timer = C_NULL;
	return timer;
}

static uint64_t microseconds(txMachine *the, int index)
{
	double ms = glueHas(the, index) ? fxToNumber(the, mxArgv(index)) : 0;
	return ms > 0 ? (uint64_t)(ms * 1000) : 0;
}

static void set(txMachine *the, uint64_t delay_us, uint64_t repeat_us)
{
	Timer *timer = C_NULL;
	for (int i = 0; i < GLUE_TIMERS && !timer; i++)
		if (!gTimers[i].used)
			timer = &gTimers[i];
	if (!timer)
		mxRangeError("all %d timers are in use", GLUE_TIMERS);
	if (!glueHas(the, 0) || mxArgv(0)->kind != XS_REFERENCE_KIND || !mxIsCallable(mxArgv(0)->value.reference))
		mxTypeError("a timer needs a function");
	mxPushSlot(mxThis);
	mxGetID(mxID(_prototype));
	fxNewHostInstance(the);
	mxPullSlot(mxResult);
	fxSetHostData(the, mxResult, timer);
	timer->object = *mxResult;
	timer->callback = *mxArgv(0);
	fxRemember(the, &timer->object);
	fxRemember(the, &timer->callback);
	timer->used = 1;
	timer->deadline_us = host_now_us() + delay_us;
	timer->repeat_us = repeat_us;
}

void xs_timer_set(txMachine *the)
{
	set(the, microseconds(the, 1), microseconds(the, 2));
}

void xs_timer_repeat(txMachine *the)
{
	uint64_t interval = microseconds(the, 1);
	set(the, interval, interval ? interval : 1);
}

void xs_timer_schedule(txMachine *the)
{
	Timer *timer = timerOf(the, 0);
	if (!timer)
		mxTypeError("not a timer, or one that has ended");
	if (!glueHas(the, 1)) {
		timer->deadline_us = UINT64_MAX;
		return;
	}
	timer->deadline_us = host_now_us() + microseconds(the, 1);
	timer->repeat_us = microseconds(the, 2);
}

void xs_timer_clear(txMachine *the)
{
	Timer *timer = timerOf(the, 0);
	if (timer)
		forget(the, timer);
}

void xs_timer_delay(txMachine *the)
{
	uint64_t until = host_now_us() + microseconds(the, 0);
	while (host_now_us() < until)
		host_wait(until);
}

uint64_t glueTimersDeadline(void)
{
	uint64_t next = UINT64_MAX;
	for (int i = 0; i < GLUE_TIMERS; i++)
		if (gTimers[i].used && gTimers[i].deadline_us < next)
			next = gTimers[i].deadline_us;
	return next;
}

/* In the order of their deadlines, each at most once: one set with a delay of 0 waits for the next round. */
void glueTimersRun(txMachine *the, uint64_t now_us)
{
	uint64_t after = 0;
	int afterIndex = -1;
	for (;;) {
		int next = -1;
		for (int i = 0; i < GLUE_TIMERS; i++) {
			uint64_t deadline = gTimers[i].deadline_us;
			if (!gTimers[i].used || deadline > now_us)
				continue;
			if (deadline < after || (deadline == after && i <= afterIndex))
				continue;
			if (next < 0 || deadline < gTimers[next].deadline_us)
				next = i;
		}
		if (next < 0)
			return;
		Timer *timer = &gTimers[next];
		after = timer->deadline_us;
		afterIndex = next;
		txSlot object = timer->object;
		if (timer->repeat_us) {
			timer->deadline_us += timer->repeat_us;
			if (timer->deadline_us <= now_us)
				timer->deadline_us = now_us + timer->repeat_us;
		}
		else
			timer->deadline_us = UINT64_MAX;
		uint64_t expected = timer->deadline_us;
		fxBeginHost(the);
		{
			mxTry(the) {
				mxPush(mxGlobal);
				mxPushSlot(&timer->callback);
				mxCall();
				mxPushSlot(&object);
				mxRunCount(1);
				mxPop();
			}
			mxCatch(the) {
				fxAbort(the, XS_UNHANDLED_EXCEPTION_EXIT);
			}
		}
		fxEndHost(the);
		/* Once, and not scheduled again by its own callback: over. */
		if (timer->used && timer->object.value.reference == object.value.reference
			&& expected == UINT64_MAX && timer->deadline_us == UINT64_MAX)
			forget(the, timer);
		glueJobs(the);
	}
}
