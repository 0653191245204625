# Time of a start against the number of binds. Needs the variables data (a table: binds, then a column of
# milliseconds per launcher), out, columns, plain (ms), and the arrays name, colour, width, dash, and
# note, lastx, lasty: a word at the end of a line, or none.
set terminal svg size 860,560 font "Helvetica,Arial,sans-serif,14" background "#ffffff"
set output out
set datafile missing "-"
set logscale xy
set xrange [8:7000]
set yrange [0.1:*]
set xtics (10, 20, 50, 100, 200, 500, "1,000" 1000, "2,000" 2000, "5,000" 5000)
set ytics ("0.1 ms" 0.1, "1 ms" 1, "10 ms" 10, "100 ms" 100, "1 s" 1000, "10 s" 10000)
set mytics 10
set grid xtics ytics linecolor "#dddddd" linewidth 1
set border 3 linecolor "#444444"
set tics nomirror
set key top left reverse Left samplen 3 spacing 1.2 width 2
set title "Time of one start against the number of binds (both axes logarithmic)"
set xlabel "read-only binds in the sandbox"
set ylabel "spawn to end of wait, median"
do for [i = 1:columns] {
	if (strlen(note[i])) {
		set label i note[i] at lastx[i], lasty[i] offset 0, 0.9 right textcolor rgb colour[i]
	}
}
plot for [i = 1:columns] data using 1:(column(i + 1)) with linespoints \
	linecolor rgb colour[i] linewidth width[i] dashtype dash[i] pointtype 7 pointsize 0.6 \
	title name[i], \
	plain with lines linecolor "#777777" linewidth 1.5 dashtype 3 title "plain exec of the same command"
