// A peer in the C++ implementation. `peer serve ADDRESS` prints its port and answers, also as the service "named"; `peer check ADDRESS` calls a peer and
// exits 0 if it behaves; `peer named ADDRESS ID` calls the service ID there.
#include "peer.capnp.h"
#include <capnp/ez-rpc.h>
#include <kj/debug.h>
#include <kj/function.h>
#include <kj/time.h>
#include <stdlib.h>
#include <iostream>
#include <unistd.h>

namespace {

struct Counters {
	uint32_t canceled = 0;
	uint32_t released = 0;
};

class Hanging {
public:
	explicit Hanging(Counters &counters): counters(counters) {}
	~Hanging() { counters.canceled++; }
	KJ_DISALLOW_COPY(Hanging);
private:
	Counters &counters;
};

class Server final: public peer::Peer::Server {
public:
	Server(Counters &counters, bool made): counters(counters), made(made) {}
	~Server() noexcept(false) { if (made) counters.released++; }

	kj::Promise<void> echo(EchoContext context) override {
		context.getResults().setText(context.getParams().getText());
		return kj::READY_NOW;
	}
	kj::Promise<void> identity(IdentityContext context) override {
		context.getResults().setCap(context.getParams().getCap());
		return kj::READY_NOW;
	}
	kj::Promise<void> later(LaterContext context) override {
		auto paf = kj::newPromiseAndFulfiller<peer::Peer::Client>();
		waiting.add(Waiting { kj::mv(paf.fulfiller), context.getParams().getCap() });
		context.getResults().setCap(kj::mv(paf.promise));
		return kj::READY_NOW;
	}
	kj::Promise<void> settle(SettleContext) override {
		for (auto &one: waiting) one.fulfiller->fulfill(kj::mv(one.cap));
		waiting.clear();
		return kj::READY_NOW;
	}
	kj::Promise<void> callBack(CallBackContext context) override {
		auto request = context.getParams().getCap().echoRequest();
		request.setText(context.getParams().getText());
		return request.send().then([context](capnp::Response<peer::Peer::Said> response) mutable {
			context.getResults().setText(response.getText());
		});
	}
	kj::Promise<void> forward(ForwardContext context) override {
		auto request = context.getParams().getCap().echoRequest();
		request.setText(context.getParams().getText());
		return context.tailCall(kj::mv(request));
	}
	kj::Promise<void> sequence(SequenceContext context) override {
		KJ_REQUIRE(context.getParams().getNumber() == next, "out of order", next);
		next++;
		return kj::READY_NOW;
	}
	kj::Promise<void> hang(HangContext context) override {
		context.allowCancellation();
		return kj::Promise<void>(kj::NEVER_DONE).attach(kj::heap<Hanging>(counters));
	}
	kj::Promise<void> canceled(CanceledContext context) override {
		context.getResults().setCount(counters.canceled);
		return kj::READY_NOW;
	}
	kj::Promise<void> fail(FailContext context) override {
		auto reason = context.getParams().getReason();
		return kj::Exception(kj::Exception::Type::OVERLOADED, __FILE__, __LINE__, kj::str(reason));
	}
	kj::Promise<void> write(WriteContext context) override {
		bytes += context.getParams().getBytes().size();
		return kj::READY_NOW;
	}
	kj::Promise<void> written(WrittenContext context) override {
		context.getResults().setCount(bytes);
		return kj::READY_NOW;
	}
	kj::Promise<void> released(ReleasedContext context) override {
		context.getResults().setCount(counters.released);
		return kj::READY_NOW;
	}
	kj::Promise<void> make(MakeContext context) override {
		context.getResults().setCap(kj::heap<Server>(counters, true));
		return kj::READY_NOW;
	}
	kj::Promise<void> disconnect(DisconnectContext) override { _exit(0); }

private:
	struct Waiting {
		kj::Own<kj::PromiseFulfiller<peer::Peer::Client>> fulfiller;
		peer::Peer::Client cap;
	};
	Counters &counters;
	bool made;
	kj::Vector<Waiting> waiting;
	uint32_t next = 0;
	uint64_t bytes = 0;
};

void check(const char *address) {
	capnp::EzRpcClient client(address);
	auto &scope = client.getWaitScope();
	Counters counters;
	auto far = client.getMain<peer::Peer>();
	auto own = [&]() { return peer::Peer::Client(kj::heap<Server>(counters, false)); };
	auto echo = [&](peer::Peer::Client cap, const char *text) {
		auto request = cap.echoRequest();
		request.setText(text);
		auto response = request.send().wait(scope);
		KJ_REQUIRE(kj::StringPtr(response.getText()) == text);
	};
	echo(far, "héllo");
	{
		// Pipelined on the bootstrap, on results, and through several levels.
		auto request = far.makeRequest();
		echo(request.send().getCap().makeRequest().send().getCap(), "deep");
	}
	auto ordered = [&](bool later) {
		auto mine = own();
		peer::Peer::Client cap = nullptr;
		if (later) {
			auto request = far.laterRequest();
			request.setCap(mine);
			cap = request.send().getCap();
		} else {
			auto request = far.identityRequest();
			request.setCap(mine);
			cap = request.send().getCap();
		}
		kj::Vector<kj::Promise<void>> calls;
		auto call = [&](uint32_t number) {
			auto request = cap.sequenceRequest();
			request.setNumber(number);
			calls.add(request.send().ignoreResult());
		};
		for (uint32_t i = 0; i < 3; i++) call(i);
		if (later) far.settleRequest().send().wait(scope);
		else cap.whenResolved().wait(scope);
		for (uint32_t i = 3; i < 6; i++) call(i);
		if (later) cap.whenResolved().wait(scope);
		for (uint32_t i = 6; i < 9; i++) call(i);
		for (auto &one: calls) one.wait(scope);
	};
	ordered(false);
	ordered(true);
	{
		auto request = far.callBackRequest();
		request.setCap(own());
		request.setText("back");
		KJ_REQUIRE(kj::StringPtr(request.send().wait(scope).getText()) == "back");
	}
	{
		auto request = far.forwardRequest();
		request.setCap(own());
		request.setText("tail");
		KJ_REQUIRE(kj::StringPtr(request.send().wait(scope).getText()) == "tail");
	}
	{
		// A tail call back to its own side.
		auto request = far.forwardRequest();
		request.setCap(far);
		request.setText("home");
		KJ_REQUIRE(kj::StringPtr(request.send().wait(scope).getText()) == "home");
	}
	{
		auto request = far.failRequest();
		request.setReason("as asked");
		auto promise = request.send().ignoreResult().then([]() { KJ_FAIL_REQUIRE("did not fail"); }, [](kj::Exception &&e) {
			KJ_REQUIRE(e.getType() == kj::Exception::Type::OVERLOADED);
			KJ_REQUIRE(e.getDescription().endsWith("as asked"), e.getDescription());
		});
		promise.wait(scope);
	}
	{ auto hanging = far.hangRequest().send(); echo(far, "meanwhile"); }
	while (far.canceledRequest().send().wait(scope).getCount() < 1) echo(far, "wait");
	{
		auto released = far.releasedRequest().send().wait(scope).getCount();
		{ auto made = far.makeRequest().send().wait(scope); echo(made.getCap(), "made"); }
		while (far.releasedRequest().send().wait(scope).getCount() <= released) echo(far, "wait");
	}
	kj::byte bytes[1000] = {};
	for (int i = 0; i < 200; i++) {
		auto request = far.writeRequest();
		request.setBytes(kj::arrayPtr(bytes, sizeof bytes));
		request.send().wait(scope);
	}
	KJ_REQUIRE(far.writtenRequest().send().wait(scope).getCount() == 200000);
}

// Prints what echo answers, at once and after `settle`, which takes as long as the peer likes: silence to it.
void named(const char *address, const char *id) {
	capnp::EzRpcClient client(address);
	auto &scope = client.getWaitScope();
	auto far = client.importCap(id).castAs<peer::Peer>();
	for (auto text: {"first", "second"}) {
		auto request = far.echoRequest();
		request.setText(text);
		std::cout << request.send().wait(scope).getText().cStr() << std::endl;
		far.settleRequest().send().wait(scope);
	}
}

// Reads lines `IN_FLIGHT MILLISECONDS`; for each calls echo with so many calls at a time for so long and prints calls per second.
void bench(const char *address) {
	capnp::EzRpcClient client(address);
	auto &scope = client.getWaitScope();
	auto far = client.getMain<peer::Peer>();
	auto &clock = kj::systemPreciseMonotonicClock();
	int inFlight, milliseconds;
	while (std::cin >> inFlight >> milliseconds) {
		uint64_t calls = 0;
		auto start = clock.now();
		auto end = start + milliseconds * kj::MILLISECONDS;
		kj::Function<kj::Promise<void>()> one = [&]() -> kj::Promise<void> {
			auto request = far.echoRequest();
			request.setText("hello, world");
			return request.send().then([&](capnp::Response<peer::Peer::Said> response) -> kj::Promise<void> {
				KJ_REQUIRE(response.getText().size() == 12);
				calls++;
				if (clock.now() >= end) return kj::READY_NOW;
				return one();
			});
		};
		kj::Vector<kj::Promise<void>> all;
		for (int i = 0; i < inFlight; i++) all.add(one());
		kj::joinPromises(all.releaseAsArray()).wait(scope);
		std::cout << calls * 1000000.0 / ((clock.now() - start) / kj::MICROSECONDS) << std::endl;
	}
}

}

int main(int argc, char **argv) {
	if (argc < 3) return 2;
	if (kj::StringPtr(argv[1]) == "check") {
		check(argv[2]);
		return 0;
	}
	if (kj::StringPtr(argv[1]) == "named" && argc > 3) {
		named(argv[2], argv[3]);
		return 0;
	}
	if (kj::StringPtr(argv[1]) == "bench") {
		bench(argv[2]);
		return 0;
	}
	Counters counters;
	capnp::EzRpcServer server(kj::heap<Server>(counters, false), argv[2]);
	server.exportCap("named", kj::heap<Server>(counters, false));
	auto &scope = server.getWaitScope();
	// Zero for a Unix socket, but known only once it listens.
	std::cout << server.getPort().wait(scope) << std::endl;
	kj::NEVER_DONE.wait(scope);
}
