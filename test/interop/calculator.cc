// The calculator in the C++ implementation. `calculator serve ADDRESS` prints its port and answers; `calculator check ADDRESS` calls one and exits 0 if it calculates.
#include "calculator.capnp.h"
#include <capnp/ez-rpc.h>
#include <kj/debug.h>
#include <math.h>
#include <iostream>

namespace {

using Expression = Calculator::Expression;
using Params = capnp::List<double>::Reader;

kj::Promise<double> evaluate(Expression::Reader expression, kj::ArrayPtr<const double> params) {
	switch (expression.which()) {
	case Expression::LITERAL:
		return expression.getLiteral();
	case Expression::PREVIOUS_RESULT:
		return expression.getPreviousResult().readRequest().send().then(
			[](capnp::Response<Calculator::Value::ReadResults> read) { return read.getValue(); });
	case Expression::PARAMETER:
		KJ_REQUIRE(expression.getParameter() < params.size(), "no such parameter");
		return params[expression.getParameter()];
	case Expression::CALL: {
		auto call = expression.getCall();
		auto function = call.getFunction();
		kj::Vector<kj::Promise<double>> operands;
		for (auto operand: call.getParams()) operands.add(evaluate(operand, params));
		return kj::joinPromises(operands.releaseAsArray()).then([function](kj::Array<double> values) mutable {
			auto request = function.callRequest();
			request.setParams(values);
			return request.send().then([](capnp::Response<Calculator::Function::CallResults> result) { return result.getValue(); });
		});
	}
	default:
		KJ_FAIL_REQUIRE("unknown kind of expression");
	}
}

class Value final: public Calculator::Value::Server {
public:
	explicit Value(double value): value(value) {}
	kj::Promise<void> read(ReadContext context) override {
		context.getResults().setValue(value);
		return kj::READY_NOW;
	}
private:
	double value;
};

class Defined final: public Calculator::Function::Server {
public:
	Defined(uint32_t count, Expression::Reader body): count(count) { message.setRoot(body); }
	kj::Promise<void> call(CallContext context) override {
		auto params = context.getParams().getParams();
		KJ_REQUIRE(params.size() == count, "wrong number of parameters");
		auto values = kj::heapArray<double>(params.size());
		for (uint32_t i = 0; i < values.size(); i++) values[i] = params[i];
		auto result = evaluate(message.getRoot<Expression>().asReader(), values);
		return result.attach(kj::mv(values)).then([context](double value) mutable { context.getResults().setValue(value); });
	}
private:
	uint32_t count;
	capnp::MallocMessageBuilder message;
};

class Operator final: public Calculator::Function::Server {
public:
	explicit Operator(Calculator::Operator op): op(op) {}
	kj::Promise<void> call(CallContext context) override {
		auto params = context.getParams().getParams();
		KJ_REQUIRE(params.size() == 2, "wrong number of parameters");
		double a = params[0], b = params[1];
		double value = op == Calculator::Operator::ADD ? a + b
			: op == Calculator::Operator::SUBTRACT ? a - b
			: op == Calculator::Operator::MULTIPLY ? a * b : a / b;
		context.getResults().setValue(value);
		return kj::READY_NOW;
	}
private:
	Calculator::Operator op;
};

class Power final: public Calculator::Function::Server {
	kj::Promise<void> call(CallContext context) override {
		auto params = context.getParams().getParams();
		context.getResults().setValue(pow(params[0], params[1]));
		return kj::READY_NOW;
	}
};

class Server final: public Calculator::Server {
	kj::Promise<void> evaluate(EvaluateContext context) override {
		return ::evaluate(context.getParams().getExpression(), nullptr).then([context](double value) mutable {
			context.getResults().setValue(kj::heap<Value>(value));
		});
	}
	kj::Promise<void> defFunction(DefFunctionContext context) override {
		auto params = context.getParams();
		context.getResults().setFunc(kj::heap<Defined>(params.getParamCount(), params.getBody()));
		return kj::READY_NOW;
	}
	kj::Promise<void> getOperator(GetOperatorContext context) override {
		context.getResults().setFunc(kj::heap<Operator>(context.getParams().getOp()));
		return kj::READY_NOW;
	}
};

void expect(double got, double wanted) { KJ_REQUIRE(got == wanted, got, wanted); }

void check(const char *address) {
	capnp::EzRpcClient client(address);
	auto &scope = client.getWaitScope();
	auto calculator = client.getMain<Calculator>();
	auto read = [&](Calculator::Value::Client value) { return value.readRequest().send().wait(scope).getValue(); };
	auto operation = [&](Calculator::Operator op) {
		auto request = calculator.getOperatorRequest();
		request.setOp(op);
		return request.send().getFunc();
	};
	{
		auto request = calculator.evaluateRequest();
		request.getExpression().setLiteral(123);
		expect(read(request.send().getValue()), 123);
	}
	auto add = operation(Calculator::Operator::ADD);
	auto multiply = operation(Calculator::Operator::MULTIPLY);
	auto subtract = operation(Calculator::Operator::SUBTRACT);
	auto divide = operation(Calculator::Operator::DIVIDE);
	// 123 + 45 - 67, the operators and the value all pipelined.
	auto request = calculator.evaluateRequest();
	auto outer = request.getExpression().initCall();
	outer.setFunction(subtract);
	auto outerParams = outer.initParams(2);
	auto inner = outerParams[0].initCall();
	inner.setFunction(add);
	auto innerParams = inner.initParams(2);
	innerParams[0].setLiteral(123);
	innerParams[1].setLiteral(45);
	outerParams[1].setLiteral(67);
	auto difference = request.send().getValue();
	{
		// The value goes back before it is known.
		auto again = calculator.evaluateRequest();
		auto call = again.getExpression().initCall();
		call.setFunction(divide);
		auto params = call.initParams(2);
		params[0].setPreviousResult(difference);
		params[1].setLiteral(4);
		expect(read(again.send().getValue()), 25.25);
	}
	expect(read(difference), 101);
	{
		// f(x, y) = x × 100 + y, made there.
		auto define = calculator.defFunctionRequest();
		define.setParamCount(2);
		auto sum = define.getBody().initCall();
		sum.setFunction(add);
		auto sumParams = sum.initParams(2);
		auto product = sumParams[0].initCall();
		product.setFunction(multiply);
		auto productParams = product.initParams(2);
		productParams[0].setParameter(0);
		productParams[1].setLiteral(100);
		sumParams[1].setParameter(1);
		auto f = define.send().getFunc();
		auto apply = calculator.evaluateRequest();
		auto call = apply.getExpression().initCall();
		call.setFunction(f);
		auto params = call.initParams(2);
		params[0].setLiteral(12);
		params[1].setLiteral(34);
		expect(read(apply.send().getValue()), 1234);
	}
	{
		// A function of this side, called back.
		auto apply = calculator.evaluateRequest();
		auto call = apply.getExpression().initCall();
		call.setFunction(kj::heap<Power>());
		auto params = call.initParams(2);
		params[0].setLiteral(2);
		params[1].setLiteral(9);
		expect(read(apply.send().getValue()), 512);
	}
	{
		auto apply = calculator.evaluateRequest();
		apply.getExpression().setParameter(3);
		auto failed = apply.send().getValue().readRequest().send().then(
			[](auto &&) { return false; }, [](kj::Exception &&) { return true; });
		KJ_REQUIRE(failed.wait(scope), "an expression that makes no sense was evaluated");
	}
}

}

int main(int argc, char **argv) {
	if (argc < 3) return 2;
	if (kj::StringPtr(argv[1]) == "check") {
		check(argv[2]);
		return 0;
	}
	capnp::EzRpcServer server(kj::heap<Server>(), argv[2]);
	auto &scope = server.getWaitScope();
	std::cout << server.getPort().wait(scope) << std::endl;
	kj::NEVER_DONE.wait(scope);
}
