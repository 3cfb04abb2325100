#include "core/lake/number_text.hpp"

#include <doctest/doctest.h>

#include <limits>

namespace pier::lake {
namespace {

std::string of_double(double value) {
  std::string out;
  append_double(out, value);
  return out;
}

std::string of_decimal(Int128 value, unsigned scale) {
  std::string out;
  append_decimal(out, value, scale);
  return out;
}

std::string of_timestamp(std::int64_t micros) {
  std::string out;
  append_timestamp(out, micros);
  return out;
}

} // namespace

TEST_CASE("number text: doubles as Java writes them") {
  CHECK(of_double(0) == "0.0");
  CHECK(of_double(1.5) == "1.5");
  CHECK(of_double(100) == "100.0");
  CHECK(of_double(1e7) == "1.0E7");
  CHECK(of_double(123456789.25) == "1.2345678925E8");
  CHECK(of_double(1e-5) == "1.0E-5");
  CHECK(of_double(0.001) == "0.001");
  CHECK(of_double(-2.5e-300) == "-2.5E-300");
  CHECK(of_double(std::numeric_limits<double>::quiet_NaN()) == "NaN");
  CHECK(of_double(-std::numeric_limits<double>::infinity()) == "-Infinity");
}

TEST_CASE("number text: decimals keep every digit") {
  CHECK(of_decimal(0, 0) == "0");
  CHECK(of_decimal(5, 2) == "0.05");
  CHECK(of_decimal(-12345, 2) == "-123.45");
  CHECK(of_decimal(100, 2) == "1.00");
  CHECK(of_decimal(7, 0) == "7");
}

TEST_CASE("number text: moments before and after 1970") {
  CHECK(of_timestamp(0) == "1970-01-01T00:00:00.000");
  CHECK(of_timestamp(1'706'695'200'123'456) == "2024-01-31T10:00:00.123456");
  CHECK(of_timestamp(-1) == "1969-12-31T23:59:59.999999");
  CHECK(of_timestamp(-62'135'596'800'000'000) == "0001-01-01T00:00:00.000");
}

} // namespace pier::lake
