# surface.grid.awk -v x0 -v x1 -v y0 -v y1 -v low -v high -v bands -v c="c1 .. c6": the
# surface exp(c1 + c2 x + c3 y + c4 xx + c5 xy + c6 yy) as boxes, of one band each:
# x y xlow xhigh ylow yhigh and the middle of the band.
BEGIN {
    OFS = "\t"
    split(c, k, " ")
    dx = (x1 - x0) / 180
    dy = (y1 - y0) / 90
    for (j = 0; j < 90; j++) {
        y = y0 + (j + .5) * dy
        start = x0
        last = ""
        for (i = 0; i <= 180; i++) {
            x = x0 + (i + .5) * dx
            band = i == 180 ? "" : level(surface(x, y))
            if (band != last && i > 0) {
                end = x0 + i * dx
                print (start + end) / 2, y, start, end, y - dy / 2, y + dy / 2, \
                    low + (last + .5) * (high - low) / bands
                start = end
            }
            last = band
        }
    }
}
function surface(x, y) {
    return exp(k[1] + k[2] * x + k[3] * y + k[4] * x * x + k[5] * x * y + k[6] * y * y)
}
function level(z) {
    z = int((z - low) / (high - low) * bands)
    return z < 0 ? 0 : z >= bands ? bands - 1 : z
}
