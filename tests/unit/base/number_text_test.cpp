#include "core/base/number_text.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace pier;

TEST_CASE("numbers: the fewest digits that tell them apart, with and without an exponent") {
  CHECK(shortest_number(0.5) == "0.5");
  CHECK(shortest_number(1234567.5) == "1.2345675e+06");
  CHECK(shortest_number(1.2345678901234568e20) == "1.2345678901234568e+20");
  CHECK(plain_number(0.5) == "0.5");
  CHECK(plain_number(-0.0) == "-0");
  CHECK(plain_number(1e-7) == "0.0000001");
  CHECK(plain_number(1234567.5) == "1234567.5");
  CHECK(plain_number(1.2345678901234568e20) == "123456789012345680000");
  CHECK(plain_number(-1e22) == "-10000000000000000000000");
  CHECK(plain_number(9007199254740993.0) == "9007199254740992");
}

TEST_CASE("numbers: those that are none have names") {
  CHECK(plain_number(std::numeric_limits<double>::infinity()) == "+Inf");
  CHECK(shortest_number(-std::numeric_limits<double>::infinity()) == "-Inf");
  CHECK(plain_number(std::numeric_limits<double>::quiet_NaN()) == "NaN");
}
