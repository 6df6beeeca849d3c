// The same as train.c: what the library opens, C++ closes; what fails, throws.
#include <mf/mf.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <vector>

int main(int argc, char *argv[])
try {
    std::vector<uint32_t> row, col;
    std::vector<float> val;
    uint32_t users = 0, items = 0, user = argc > 1 ? uint32_t(std::atoi(argv[1])) : 0;
    float plays;
    for (uint32_t u, i; std::cin >> u >> i >> plays;) {
        row.push_back(u);
        col.push_back(i);
        val.push_back(plays);
        users = std::max(users, u + 1);
        items = std::max(items, i + 1);
    }
    if (row.empty())
        throw std::runtime_error("no line of user, item and plays: wanted 0 12 3");

    mf_err err = {};
    auto check = [&err](int code) {
        if (code != MF_OK)
            throw std::runtime_error(err.text);
    };
    mf_csr x = {};
    mf_als *als = nullptr;
    mf_hit hit[10];
    uint32_t found;
    mf_als_params params = mf_als_defaults(MF_PRESET_IMPLICIT);
    params.k = 8;
    check(mf_csr_from_triplets(&x, users, items, row.size(), row.data(), col.data(),
                               val.data(), &err));
    std::unique_ptr<mf_csr, decltype(&mf_csr_free)> owned_x(&x, mf_csr_free);
    check(mf_als_open(&als, &x, nullptr, &params, &err));
    std::unique_ptr<mf_als, decltype(&mf_als_close)> owned_als(als, mf_als_close);
    check(mf_als_run(als, nullptr, nullptr, &err));
    check(mf_als_recommend(als, 1, &user, 10, hit, &found, &err));
    for (uint32_t r = 0; r < found; r++)
        std::printf("%u %.4f\n", hit[r].item, hit[r].score);
} catch (const std::exception &e) {
    std::cerr << "train: " << e.what() << '\n';
    return 1;
}
