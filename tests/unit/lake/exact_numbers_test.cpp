#include "core/lake/exact_numbers.hpp"
#include "core/lake/sql/decimal_shape.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

namespace pier::lake {
namespace {

constexpr Int128 k_ten_to_37 = static_cast<Int128>(10'000'000'000'000'000'000U) * 1'000'000'000'000'000'000;

} // namespace

TEST_CASE("exact numbers: a quotient is rounded half away from zero") {
  CHECK(divide_decimal(10, 3, 4) == Int128(33333));
  CHECK(divide_decimal(20, 3, 4) == Int128(66667));
  CHECK(divide_decimal(1, 8, 2) == Int128(13)); // 0.125
  CHECK(divide_decimal(-1, 8, 2) == Int128(-13));
  CHECK(divide_decimal(1, -8, 2) == Int128(-13));
  CHECK(divide_decimal(0, 7, 38) == Int128(0));
  CHECK(divide_decimal(7, 1, 0) == Int128(7));
}

TEST_CASE("exact numbers: a quotient of more than 38 digits is none") {
  CHECK(divide_decimal(k_ten_to_37, 1, 0) == k_ten_to_37);
  CHECK_FALSE(divide_decimal(k_ten_to_37, 1, 1).has_value());
  CHECK_FALSE(divide_decimal(1, 1, 38).has_value());
  CHECK(divide_decimal(1, 10, 38) == k_ten_to_37);
  CHECK(divide_decimal(k_ten_to_37, k_ten_to_37 * 9, 6) == Int128(111'111));
}

TEST_CASE("exact numbers: doubles are rounded by their decimal digits") {
  CHECK(round_double(2.675, 2, Ties::up) == 2.68);
  CHECK(round_double(1.005, 2, Ties::up) == 1.01);
  CHECK(round_double(0.5, 0, Ties::up) == 1.0);
  CHECK(round_double(-2.5, 0, Ties::up) == -3.0);
  CHECK(round_double(2.5, 0, Ties::even) == 2.0);
  CHECK(round_double(3.5, 0, Ties::even) == 4.0);
  CHECK(round_double(2.51, 0, Ties::even) == 3.0);
  CHECK(round_double(0.5, 0, Ties::even) == 0.0);
  CHECK(round_double(1250, -2, Ties::even) == 1200.0);
  CHECK(round_double(1250, -2, Ties::up) == 1300.0);
  CHECK(round_double(9.995, 2, Ties::up) == 10.0);
  CHECK(round_double(49, -2, Ties::up) == 0.0);
  CHECK(round_double(50, -2, Ties::up) == 100.0);
  CHECK(round_double(4, -2, Ties::up) == 0.0);
  CHECK(round_double(1.5e300, 2, Ties::up) == 1.5e300);
  CHECK(round_double(1e-320, 3, Ties::up) == 0.0);
  CHECK_FALSE(std::signbit(round_double(-0.2, 0, Ties::up)));
  CHECK(round_double(std::numeric_limits<double>::infinity(), 2, Ties::up) == std::numeric_limits<double>::infinity());
}

namespace sql {

TEST_CASE("decimal shapes: results have the platform's precision and scale") {
  const DecimalShape money{.precision = 10, .scale = 2};
  const DecimalShape full{.precision = 38, .scale = 10};
  CHECK(result_shape('+', money, {.precision = 5, .scale = 1}) == DecimalShape{.precision = 11, .scale = 2});
  CHECK(result_shape('*', money, money) == DecimalShape{.precision = 21, .scale = 4});
  CHECK(result_shape('/', money, money) == DecimalShape{.precision = 23, .scale = 13});
  CHECK(result_shape('%', money, {.precision = 3, .scale = 1}) == DecimalShape{.precision = 4, .scale = 2});
  CHECK(result_shape('*', full, full) == DecimalShape{.precision = 38, .scale = 6});
  CHECK(result_shape('/', full, full) == DecimalShape{.precision = 38, .scale = 6});
  CHECK(result_shape('+', full, full) == DecimalShape{.precision = 38, .scale = 9});
  CHECK(sum_shape(money) == DecimalShape{.precision = 20, .scale = 2});
  CHECK(average_shape(money) == DecimalShape{.precision = 14, .scale = 6});
  CHECK(rounded_shape(money, 1) == DecimalShape{.precision = 10, .scale = 1});
  CHECK(rounded_shape(money, -1) == DecimalShape{.precision = 9, .scale = 0});
  CHECK(literal_shape("1.50") == DecimalShape{.precision = 3, .scale = 2});
  CHECK(literal_shape("0.5") == DecimalShape{.precision = 1, .scale = 1});
  CHECK(literal_shape("007") == DecimalShape{.precision = 1, .scale = 0});
  CHECK_FALSE(literal_shape("1e5").has_value());
}

} // namespace sql
} // namespace pier::lake
