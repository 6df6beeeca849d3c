/* Tools start their own threads and have BLAS compute with one. OpenBLAS starts others
 * when it is loaded, before main, each with a buffer of 128 MB; where there is no memory for
 * that they wait for ever, and the process with them when it ends. So what it asks for the
 * number in its environment is answered here, where the linker lets a program do that. Weak,
 * for a program that OpenBLAS is a part of has its own. */
int openblas_num_threads_env(void) __attribute__((weak));

int openblas_num_threads_env(void)
{
    return 1;
}
